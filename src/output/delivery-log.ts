/**
 * Says how delivery goes: the first failure at once, then at most one line per kind and 10 s, and
 * when it works again. The clock is an argument.
 */
import type { Logger } from '../observe/log.js';
import { QuietLines } from '../observe/quiet-lines.js';
import type { ConnectionFailure } from './connection-failure.js';
import type { Chunk } from './forward/chunk.js';

const quietMs = 10_000;
const codes = {
  connect: 'CONNECT_FAILED',
  login: 'LOGIN_FAILED',
  deliver: 'DELIVERY_FAILED',
  ack: 'ACK_MISSING',
} as const;
const asideHint =
  "look into the receiver's log for why (chunk_size_limit, a filter that fails); " +
  '`stegwatch spool replay` sends it again, while `run` is stopped';

/** What stands beside a failure in the log. */
export interface DeliveryState {
  /** `host:port` */
  readonly server: string;
  /** Who is tried next. */
  readonly next: string;
  readonly retryInMs: number;
  readonly spoolBytes: number;
  readonly unackedChunks: number;
}

/** How it is said that delivery goes well, and what the place is called among the facts. */
interface DeliveryWords {
  readonly begins: string;
  readonly goesOn: string;
  readonly place: string;
}

const toServer: DeliveryWords = {
  begins: 'connected to',
  goesOn: 'delivering to',
  place: 'server',
};
export const toFile: DeliveryWords = { begins: 'writing to', goesOn: 'writing to', place: 'file' };

export class DeliveryLog {
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #lines: QuietLines;
  readonly #words: DeliveryWords;
  #failingSinceMs: number | null = null;
  #failures = 0;
  #trouble: string | null = null;
  /** A failure was written, so its end must be. */
  #owesRecovery = false;

  /** @param now a clock in ms that only goes forward */
  constructor(log: Logger, now: () => number, words = toServer) {
    this.#log = log;
    this.#now = now;
    this.#words = words;
    this.#lines = new QuietLines(now, quietMs);
  }

  /** The last failure, for people; null once something has been delivered since. */
  get trouble(): string | null {
    return this.#trouble;
  }

  failed(failure: ConnectionFailure, state: DeliveryState): void {
    this.#failures++;
    this.#trouble = `${state.server}: ${failure.error}; ${failure.hint}`;
    this.#failingSinceMs ??= this.#now();
    // Else the first server, which is tried first in each round, would hide for ever why the second fails.
    const heldBack = this.#lines.mayWrite(`${failure.kind} ${state.server}`);
    if (heldBack === null) return;
    this.#owesRecovery = true;
    const goesOn = state.next === state.server ? 'trying again' : `going on with ${state.next}`;
    this.#log.warn(
      { code: codes[failure.kind], error: failure.error, hint: failure.hint, ...state, heldBack },
      `cannot deliver to ${state.server}, ${goesOn}: ${failure.error}; ${failure.hint}`,
    );
  }

  /** A preferred server is still away; it works with another meanwhile. */
  probeFailed({ error, hint }: ConnectionFailure, server: string): void {
    const heldBack = this.#lines.mayWrite(`probe ${server}`);
    if (heldBack === null) return;
    this.#log.info({ error, hint, server, heldBack }, `${server} is still away: ${error}`);
  }

  /** A chunk that a working receiver refuses is sent in pieces. */
  split(chunk: Chunk, pieces: number, server: string): void {
    const heldBack = this.#lines.mayWrite('split');
    if (heldBack === null) return;
    this.#log.warn(
      { code: 'ENTRY_SPLIT', ...factsOf(chunk), server, pieces, heldBack },
      `${server} acks other chunks and not this one: it is sent in ${pieces} pieces`,
    );
  }

  setAside(chunk: Chunk, reason: string): void {
    const heldBack = this.#lines.mayWrite('set aside');
    if (heldBack === null) return;
    this.#log.error(
      { code: 'ENTRY_SET_ASIDE', ...factsOf(chunk), reason, hint: asideHint, heldBack },
      `an entry is set aside, and not delivered: ${reason}; ${asideHint}`,
    );
  }

  notSetAside(chunk: Chunk, reason: string): void {
    const heldBack = this.#lines.mayWrite('not set aside');
    if (heldBack === null) return;
    const hint = 'it is sent on; make room where dead letters are kept';
    this.#log.error(
      { code: 'ENTRY_NOT_SET_ASIDE', ...factsOf(chunk), reason, hint, heldBack },
      `an entry cannot be set aside: ${reason}; ${hint}`,
    );
  }

  dropped(chunk: Chunk, reason: string): void {
    const heldBack = this.#lines.mayWrite('dropped');
    if (heldBack === null) return;
    this.#log.error(
      { code: 'ENTRY_DROPPED', ...factsOf(chunk), reason, heldBack },
      `an entry is dropped, since it can neither be delivered nor set aside: ${reason}`,
    );
  }

  connected(server: string): void {
    const heldBack = this.#lines.mayWrite('connected');
    if (heldBack === null) return;
    const { begins, place } = this.#words;
    this.#log.info({ [place]: server, heldBack }, `${begins} ${server}`);
  }

  /** Something was delivered. Says so if the last word was a failure. */
  delivered(server: string): void {
    if (this.#failingSinceMs === null) return;
    const outageMs = Math.round(this.#now() - this.#failingSinceMs);
    if (this.#owesRecovery) {
      const counts = { outageMs, failures: this.#failures };
      const { goesOn, place } = this.#words;
      this.#log.info({ [place]: server, ...counts }, `${goesOn} ${server} again`);
    }
    this.#failingSinceMs = null;
    this.#trouble = null;
    this.#failures = 0;
    this.#owesRecovery = false;
  }
}

function factsOf(chunk: Chunk): Record<string, string | number> {
  const bytes = chunk.entries.reduce((sum, part) => sum + part.length, 0);
  return { tag: chunk.tag, chunk: chunk.id, entries: chunk.entryCount, bytes };
}
