/** Why a way to a receiver of syslog came to nothing, in words for the operator. */
import { type ConnectionFailure, isRefused } from '../connection-failure.js';
import { tlsHint } from '../tls-hint.js';

const hints: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'check that the receiver runs and listens at forward.syslog.server',
  ENOTFOUND: 'check forward.syslog.server.host: the name cannot be resolved now',
  EAI_AGAIN: 'check forward.syslog.server.host: the name cannot be resolved now',
};
const silent = 'check forward.syslog.server and the firewalls on the way; the host may be down';
const serverLog = "look into the receiver's log; what it has not taken is sent again";

export function socketFailure(phase: 'connect' | 'deliver', error: Error): ConnectionFailure {
  const code = 'code' in error ? String(error.code) : '';
  const hint = tlsHint(code, 'forward.syslog.tls') ?? hints[code];
  const words =
    error instanceof AggregateError ? error.errors.map(String).join('; ') : error.message;
  return {
    ...{ kind: phase, error: words, refused: isRefused(phase, error) },
    hint: hint ?? (phase === 'connect' ? silent : serverLog),
  };
}

export function connectTimeout(ms: number): ConnectionFailure {
  return { kind: 'connect', error: `no connection within ${ms} ms`, hint: silent };
}

export function closedFailure(): ConnectionFailure {
  return { kind: 'deliver', error: 'the receiver closed the connection', hint: serverLog };
}

export function stalledFailure(ms: number): ConnectionFailure {
  const hint =
    'the receiver takes nothing in: it may be overloaded or stopped, or the way to it is gone';
  return { kind: 'deliver', error: `nothing was taken within ${ms} ms`, hint };
}
