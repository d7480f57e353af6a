/** Why a connection to a Forward receiver came to nothing: what happened, and what to do about it. */
import { type ConnectionFailure, isRefused, type Phase } from '../connection-failure.js';
import { tlsHint } from '../tls-hint.js';

const hints = {
  unreachable: 'check that Fluentd runs and that a <source> of @type forward listens there',
  unresolved: 'check forward.fluentd.servers: the name of the host cannot be resolved now',
  silent:
    'check the address and the firewalls on the way; the host may be down, or (with tls) what ' +
    'answers there may speak no TLS',
  key: "check shared_key, username and password against the server's <security> section",
  keyMissing: 'the server has a <security> section: set forward.fluentd.shared_key_file',
  keyUnasked:
    'a server without a <security> section asks for no login: remove the shared key here or add ' +
    'the section there',
  sameName: 'self_hostname of the server must differ from the name of this client',
  notForward:
    'what answers there is not a Forward receiver, or it wants TLS: check the port and ' +
    'forward.fluentd.tls',
  serverLog: "look into the server's log; nothing is lost, what was not acked is sent again",
  slow: 'the server takes nothing in: it may be overloaded, its buffer full or its process stopped',
} as const;

/** A deadline of ours has passed. */
export function deadlineFailure(phase: Phase, ms: number): ConnectionFailure {
  if (phase === 'connect') {
    return { kind: phase, error: `no connection within ${ms} ms`, hint: hints.silent };
  }
  if (phase === 'login') {
    return { kind: phase, error: `no login within ${ms} ms`, hint: hints.keyUnasked };
  }
  return { kind: phase, error: `could not write a chunk within ${ms} ms`, hint: hints.slow };
}

/** @param unknownAcks acks for chunks that were not in flight, on this connection */
export function ackFailure(ms: number, unknownAcks: number): ConnectionFailure {
  const others = unknownAcks > 0 ? `, but ${unknownAcks} for chunks that are not in flight` : '';
  return { kind: 'ack', error: `no ack within ${ms} ms${others}`, hint: hints.slow };
}

export function closedFailure(phase: Phase): ConnectionFailure {
  const error = 'the server closed the connection';
  const hint = phase === 'login' ? hints.key : hints.serverLog;
  return { kind: phase, error, hint, byReceiver: true };
}

/** What the socket reported. */
export function socketFailure(phase: Phase, error: unknown): ConnectionFailure {
  // The client's word for a write after the server's end.
  if (partsOf(error).name === 'SocketNotWritableError') return closedFailure(phase);
  const byReceiver = endCodes.has(String(partsOf(error).code));
  const refused = isRefused(phase, error);
  return { kind: phase, error: wordsOf(error), hint: hintFor(phase, error), byReceiver, refused };
}

const endCodes = new Set(['ECONNRESET', 'EPIPE']);

function hintFor(phase: Phase, error: unknown): string {
  const { code, name } = partsOf(error);
  const ofTls = tlsHint(code, 'forward.fluentd.tls');
  if (ofTls !== null) return ofTls;
  if (code === 'ECONNREFUSED') return hints.unreachable;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return hints.unresolved;
  if (name === 'ConfigError') return hints.sameName;
  if (name === 'AuthError' || name === 'SharedKeyMismatchError') {
    return phase === 'login' ? hints.key : hints.keyMissing;
  }
  // The client's own word for a message out of turn, and its decoder's for bytes that are none.
  if (
    name === 'UnexpectedMessageError' ||
    name === 'RangeError' ||
    name === 'DecodeError' ||
    name === 'ReplyError'
  ) {
    return hints.notForward;
  }
  return phase === 'connect' ? hints.silent : hints.serverLog;
}

/** A host with several addresses fails with one error that holds the others and says nothing itself. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

function partsOf(error: unknown): { code: unknown; name: unknown } {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return { code, name };
}
