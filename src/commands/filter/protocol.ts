/** What is common to the protocols: pieces of stdin in, answers out, one for each input, in order. */
import type { Config } from '../../config/config.js';
import type { Counters } from '../../observe/counters.js';
import type { Logger } from '../../observe/log.js';
import type { Answers } from './answers.js';
import type { Judge } from './judge.js';

export const protocolNames = ['lines', 'json', 'msgpack', 'mmexternal'] as const;
export type ProtocolName = (typeof protocolNames)[number];

export interface Protocol {
  /** All answers to what has come whole are in `Answers` when it returns. */
  push(chunk: Buffer, receivedAtMs: number): void;
  /**
   * No more will come: answers what is left.
   * @param whole the input has ended; else it was left off, and the last piece may be cut
   */
  end(receivedAtMs: number, whole: boolean): void;
}

export interface ProtocolParts {
  readonly judge: Judge;
  readonly answers: Answers;
  readonly config: Config;
  readonly counters: Counters;
  /** The key under which a record has the CEF line. */
  readonly key: string;
  /** The key under which a record gets the tag of `forward.fluentd`; null: none. */
  readonly tagKey: string | null;
  readonly log: Pick<Logger, 'warn'>;
}

/** The longest record: a line of `listen.max_message` in it twice, each byte escaped, and a MiB beside it. */
export function maxRecordBytes({ listen }: Config): number {
  return 1024 * 1024 + 12 * listen.maxMessageBytes;
}
