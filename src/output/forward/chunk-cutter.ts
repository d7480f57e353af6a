/**
 * Cuts chunks from consecutive batches. The event parts of a run of batches travel in one chunk under
 * the event tag, their alert parts in another under the alert tag:
 *
 *     batches   [events 7|alerts 7] [events 8|] [events 9|alerts 9]
 *     chunks    tag:       events 7, events 8, events 9
 *               alertTag:  alerts 7, alerts 9
 *     acked     seq 9, once both are delivered
 *
 * A run ends where either message would become larger than the limit, or where the spool ends: nothing
 * waits for a chunk to fill. A single batch that is larger than the limit is a run of its own; its
 * parts are cut between entries into as many chunks as needed.
 */
import type { Spool, StoredBatch } from '../../stages.js';
import { type Chunk, type EncodedTag, encodeTag, makeChunk } from './chunk.js';
import { valueEnd } from './entry-end.js';

/** What the batches up to `lastSeq` became. When all its chunks are delivered the run is. */
export interface Run {
  readonly lastSeq: number;
  /** In order of sending; none if the batches held no entries. */
  readonly chunks: readonly Chunk[];
}

export interface CutOptions {
  readonly tag: string;
  readonly alertTag: string;
  /** Chunks carry their id, so that the server acks them. */
  readonly ack: boolean;
  readonly gzip?: boolean;
  /** Bytes of a message, head and option included. */
  readonly maxMessageBytes: number;
}

export class ChunkCutter {
  readonly #events: EncodedTag;
  readonly #alerts: EncodedTag;
  readonly #ack: boolean;
  readonly #gzip: boolean;
  /** Bytes of entries that leave room for the rest of the message. */
  readonly #maxEventBytes: number;
  readonly #maxAlertBytes: number;

  constructor({ tag, alertTag, ack, gzip = false, maxMessageBytes }: CutOptions) {
    this.#events = encodeTag(tag);
    this.#alerts = encodeTag(alertTag);
    this.#ack = ack;
    this.#gzip = gzip;
    this.#maxEventBytes = maxMessageBytes - this.#events.overheadBytes;
    this.#maxAlertBytes = maxMessageBytes - this.#alerts.overheadBytes;
  }

  /**
   * The longest run of batches above `seq` that fits the limit, or null if there is none.
   *
   * @param one a run of one batch
   */
  cut(spool: Pick<Spool, 'after'>, seq: number, one = false): Run | null {
    let batch = spool.after(seq);
    if (batch === null) return null;
    const events = new Part();
    const alerts = new Part();
    let lastSeq = batch.seq;
    do {
      lastSeq = batch.seq;
      events.add(batch.entries.subarray(0, batch.alertsAt), batch.eventCount, batch.oldestMs);
      alerts.add(batch.entries.subarray(batch.alertsAt), batch.alertCount, batch.oldestMs);
      batch = spool.after(lastSeq);
    } while (!one && batch !== null && this.#fits(events, alerts, batch));
    return {
      lastSeq,
      chunks: [
        ...this.#chunksOf(this.#events, events, this.#maxEventBytes),
        ...this.#chunksOf(this.#alerts, alerts, this.#maxAlertBytes),
      ],
    };
  }

  #fits(events: Part, alerts: Part, batch: StoredBatch): boolean {
    const alertBytes = batch.entries.length - batch.alertsAt;
    return (
      events.bytes + batch.alertsAt <= this.#maxEventBytes &&
      alerts.bytes + alertBytes <= this.#maxAlertBytes
    );
  }

  #chunksOf(tag: EncodedTag, part: Part, maxBytes: number): Chunk[] {
    const options = { ack: this.#ack, gzip: this.#gzip, oldestMs: part.oldestMs };
    if (part.bytes === 0) return [];
    if (part.bytes <= maxBytes) return [makeChunk(tag, part.buffers, part.entryCount, options)];
    const slices = part.buffers.flatMap((bytes) => sliceBetweenEntries(bytes, maxBytes));
    return slices.map(({ bytes, entryCount }) => makeChunk(tag, [bytes], entryCount, options));
  }
}

/** The event part, or the alert part, of a run. */
class Part {
  readonly buffers: Buffer[] = [];
  bytes = 0;
  entryCount = 0;
  oldestMs = Number.POSITIVE_INFINITY;

  add(bytes: Buffer, entryCount: number, oldestMs: number): void {
    if (bytes.length === 0) return;
    this.oldestMs = Math.min(this.oldestMs, oldestMs);
    this.buffers.push(bytes);
    this.bytes += bytes.length;
    this.entryCount += entryCount;
  }
}

/**
 * Slices of at most `maxBytes`, an entry that is larger alone. Bytes that are not whole entries (they
 * cannot be: the spool gives back what the encoder wrote) stay with the entry before them.
 */
function sliceBetweenEntries(
  bytes: Buffer,
  maxBytes: number,
): { bytes: Buffer; entryCount: number }[] {
  const slices: { bytes: Buffer; entryCount: number }[] = [];
  let start = 0;
  let at = 0;
  let entryCount = 0;
  while (at < bytes.length) {
    const next = valueEnd(bytes, at);
    const end = next < 0 ? bytes.length : next;
    if (end - start > maxBytes && at > start) {
      slices.push({ bytes: bytes.subarray(start, at), entryCount });
      start = at;
      entryCount = 0;
    }
    entryCount++;
    at = end;
  }
  slices.push({ bytes: bytes.subarray(start), entryCount });
  return slices;
}
