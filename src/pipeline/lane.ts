/**
 * The way of events to one output: encoded into its open batch, and the batch closed into its spool. Each
 * output has a lane of its own, so that the outage of one never holds another.
 */
import type { OpenBatch } from '../batch/open-batch.js';
import type { Fields } from '../fields.js';
import type { OutputCounters } from '../observe/counters.js';
import type { Spool } from '../stages.js';
import type { Verdict } from '../verdict.js';

/** A batch that is not full is closed this long after its first event: within the 100 ms of *taken in*. */
const maxBatchAgeMs = 60;

export class Lane {
  readonly spool: Spool;
  readonly counters: OutputCounters;
  #batch: OpenBatch;
  #timer: NodeJS.Timeout | null = null;

  constructor(stages: { batch: OpenBatch; spool: Spool; counters: OutputCounters }) {
    this.#batch = stages.batch;
    this.spool = stages.spool;
    this.counters = stages.counters;
  }

  /** From the next event on. What is in the batch until now is taken in. */
  use(batch: OpenBatch): void {
    this.closeBatch();
    this.#batch = batch;
  }

  add(fields: Fields, verdict: Verdict): void {
    if (!this.#batch.add(fields, verdict)) this.counters.not_forwarded++;
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
    this.spool.append(batch);
    this.counters.batches++;
    this.counters.spooled_bytes += batch.entries.length + batch.observations.length;
    this.counters.spooled_events += batch.eventCount + batch.alertCount;
    this.#batch.reset();
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    this.closeBatch();
  };
}
