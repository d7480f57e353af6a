/** A ForwardOutput over a memory spool, with short deadlines, a log that is kept, and a teardown. */
import { pino } from 'pino';
import type { Test } from 'tap';
import type { FluentdConfig } from '../../src/config/config.js';
import { OutputCounters } from '../../src/observe/counters.js';
import { ForwardOutput, type OutputDeadlines } from '../../src/output/forward/forward-output.js';
import { MemorySpool } from '../../src/spool/memory-spool.js';
import type { DeadLetters } from '../../src/stages.js';
import type { ForwardServer } from './forward-server.js';
import { until } from './until.js';

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly error?: string;
  readonly hint?: string;
  readonly unackedChunks?: number;
}

export interface Forwarding {
  readonly output: ForwardOutput;
  readonly spool: MemorySpool;
  readonly counters: OutputCounters;
  readonly lines: LogLine[];
}

/** Short, yet long enough that a busy machine does not meet them by chance. */
export const shortDeadlines: OutputDeadlines = {
  connectMs: 400,
  loginMs: 400,
  writeMs: 400,
  ackMs: 400,
  heloMs: 50,
  retryFirstMs: 20,
  retryMaxMs: 100,
  fullRetryMs: 100,
  drainRetryMs: 50,
  suspectMs: 50,
};

export function makeForwarding(
  t: Test,
  ports: readonly number[],
  config: Partial<FluentdConfig> = {},
  deadlines: Partial<OutputDeadlines> = {},
  random: () => number = Math.random,
  deadLetters: DeadLetters | null = null,
): Forwarding {
  const lines: LogLine[] = [];
  const spool = new MemorySpool({ maxBytes: 64 * 1024 * 1024 });
  const counters = new OutputCounters();
  const output = new ForwardOutput({
    config: { ...fluentdConfig(ports), ...config },
    spool,
    counters,
    log: pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line) as LogLine) }),
    random,
    deadLetters,
    deadlines: { ...shortDeadlines, ...deadlines },
  });
  t.teardown(() => output.stop(0));
  return { output, spool, counters, lines };
}

export function acked(spool: MemorySpool): Promise<void> {
  return until('all is acked', () => spool.batches === 0);
}

/** The `n` of all events that came, in order of arrival. */
export function numbersOf(server: ForwardServer): number[] {
  return server.records('stegwatch.event').map((record) => (record as { n: number }).n);
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function fluentdConfig(ports: readonly number[]): FluentdConfig {
  return {
    servers: ports.map((port) => ({ host: '127.0.0.1', port })),
    recoverWaitMs: 50,
    tag: 'stegwatch.event',
    alertTag: 'stegwatch.alert',
    only: 'all',
    names: 'cef',
    resolveLabels: false,
    raw: 'never',
    ack: true,
    ackTimeoutMs: 30_000,
    compress: 'none',
    tls: null,
    sharedKey: null,
    username: null,
    password: null,
    spool: { maxBytes: 64 * 1024 * 1024, whenFull: 'block' },
  };
}
