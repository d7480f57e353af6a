/**
 * What becomes of chunks that a working receiver refuses: they are split, until single entries are
 * left, and those are set aside. Called between two connections. Bounded: how many chunks there may be
 * depends on how often they were split, so that the smallest can always go on (see `mayGrow`).
 */
import type { OutputCounters } from '../../observe/counters.js';
import type { DeadLetters } from '../../stages.js';
import type { DeliveryLog } from '../delivery-log.js';
import type { Chunk } from './chunk.js';
import type { SendWindow } from './send-window.js';
import { splitChunk } from './split-chunk.js';

const refusalsToSplit = 2;
const refusalsToSetAside = { ignored: 3, closed: 5 };
/** Pieces of one chunk. */
const maxPieces = 16;
/** Unacked chunks up to which one that was never split may be; one level more, `maxPieces` more. */
const maxChunksAtTop = 48;

export class RefusedChunks {
  readonly #window: SendWindow;
  readonly #deadLetters: DeadLetters | null;
  readonly #alertTag: string;
  readonly #counters: OutputCounters;
  readonly #log: DeliveryLog;

  constructor(options: {
    window: SendWindow;
    /** Null: nothing can be set aside. */
    deadLetters: DeadLetters | null;
    alertTag: string;
    counters: OutputCounters;
    log: DeliveryLog;
  }) {
    this.#window = options.window;
    this.#deadLetters = options.deadLetters;
    this.#alertTag = options.alertTag;
    this.#counters = options.counters;
    this.#log = options.log;
  }

  /** @param server whom the last connection was to, `host:port` */
  resolve(server: string): void {
    for (const chunk of this.#window.unacked) {
      if (chunk.refusals < refusalsToSplit) continue;
      const pieces = this.#mayGrow(chunk) ? splitChunk(chunk, maxPieces) : [];
      if (pieces.length > 1) this.#split(chunk, pieces, server);
      else if (isRefusedForGood(chunk)) this.#setAside(chunk, server);
    }
  }

  /**
   * What was split more often may grow where its like before it may not. So at the deepest level
   * there is always room for one more split, whose single entries then leave.
   */
  #mayGrow({ depth, entryCount }: Chunk): boolean {
    const max = maxChunksAtTop + maxPieces * depth;
    return entryCount > 1 && this.#window.unacked.length + maxPieces - 1 <= max;
  }

  #split(chunk: Chunk, pieces: readonly Chunk[], server: string): void {
    this.#window.replace(chunk, pieces);
    this.#counters.chunks_split++;
    this.#log.split(chunk, pieces.length, server);
  }

  #giveUp(chunk: Chunk, reason: string): void {
    if (chunk.refusals < refusalsToDrop) {
      this.#log.notSetAside(chunk, reason);
      return;
    }
    this.#window.setAside(chunk);
    this.#counters.dead_letter_events_dropped += chunk.entryCount;
    this.#log.dropped(chunk, reason);
  }

  #setAside(chunk: Chunk, server: string): void {
    const alert = chunk.tag === this.#alertTag;
    const entries = Buffer.concat(chunk.entries);
    const reason = reasonOf(chunk, server);
    const batch = {
      observations: Buffer.alloc(0),
      entries,
      alertsAt: alert ? 0 : entries.length,
      eventCount: alert ? 0 : chunk.entryCount,
      alertCount: alert ? chunk.entryCount : 0,
      oldestMs: chunk.oldestMs,
    };
    if (this.#deadLetters?.setAside(batch, reason) !== true) {
      this.#giveUp(chunk, reason);
      return;
    }
    this.#window.setAside(chunk);
    this.#counters.dead_letter_events += chunk.entryCount;
    this.#log.setAside(chunk, reason);
  }
}

/** Where nothing can be set aside. All that is behind it would wait for ever. */
const refusalsToDrop = 10;

function isRefusedForGood({ entryCount, refusals, refusedBy }: Chunk): boolean {
  return entryCount === 1 && refusals >= refusalsToSetAside[refusedBy ?? 'closed'];
}

function reasonOf({ refusals, refusedBy }: Chunk, server: string): string {
  return refusedBy === 'closed'
    ? `${server} closed the connection on this entry alone, after it had acked others; ${refusals} times`
    : `${server} did not ack this entry while it acked others sent later; ${refusals} times`;
}
