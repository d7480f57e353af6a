/**
 * The way of one event, from frame to spool, in one synchronous line: decode, judge, encode into the
 * open batch, close the batch. No string, object, promise or closure is made per event here or below
 * (JPEG events excepted, a few per cent).
 */
import type { OpenBatch } from '../batch/open-batch.js';
import { Fields } from '../fields.js';
import type { Counters } from '../observe/counters.js';
import type { Decode, Detector, FrameSink, Peer, Spool } from '../stages.js';
import { Verdict } from '../verdict.js';

/** A batch that is not full is closed this long after its first event: within the 100 ms of *taken in*. */
const maxBatchAgeMs = 60;

export class EventPath implements FrameSink {
  readonly #fields: Fields;
  readonly #verdict = new Verdict();
  readonly #decode: Decode;
  readonly #detector: Detector;
  readonly #batch: OpenBatch;
  readonly #spool: Spool;
  readonly #counters: Counters;
  #timer: NodeJS.Timeout | null = null;

  constructor(stages: {
    maxFields: number;
    decode: Decode;
    detector: Detector;
    batch: OpenBatch;
    spool: Spool;
    counters: Counters;
  }) {
    this.#fields = new Fields(stages.maxFields);
    this.#decode = stages.decode;
    this.#detector = stages.detector;
    this.#batch = stages.batch;
    this.#spool = stages.spool;
    this.#counters = stages.counters;
  }

  frame(
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    receivedAtMs: number,
    peer: Peer,
  ): void {
    const fields = this.#fields;
    const verdict = this.#verdict;
    this.#decode(bytes, start, end, originalLength, receivedAtMs, peer, fields);
    verdict.clear();
    this.#detector.judge(fields, verdict);
    if (!this.#batch.add(fields, verdict)) this.#counters.not_forwarded++;
    if (this.#batch.shouldClose) this.closeBatch();
    else if (this.#timer === null && !this.#batch.empty) {
      this.#timer = setTimeout(this.#onTimer, maxBatchAgeMs);
    }
  }

  /** Hands the open batch to the spool: from here its events are taken in. */
  closeBatch(): void {
    // The timer stays armed, at most one at a time: a batch that opens after this one is then closed
    // early, never late. Cancelling and arming one per batch would cost an object a batch.
    if (this.#batch.empty) return;
    const batch = this.#batch.seal();
    this.#spool.append(batch);
    this.#counters.batches++;
    this.#counters.spooled_bytes += batch.entries.length + batch.observations.length;
    this.#counters.spooled_events += batch.eventCount + batch.alertCount;
    this.#batch.reset();
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    this.closeBatch();
  };
}
