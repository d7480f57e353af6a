/**
 * The batch that is being filled: finished entries and the observations from the same events, in
 * two reused buffers. An entry with an alert closes it, so alerts are always last and one number,
 * `alertsAt`, says which tag an entry travels under.
 */
import type { Fields } from '../fields.js';
import type { Batch, Encoder } from '../stages.js';
import type { Direction, Learned, Verdict } from '../verdict.js';
import { maxObservationBytes, writeObservation } from './observation.js';

/** Room for a few hundred observations; more is made if a batch needs it. */
const firstObservationBytes = 16 * 1024;

export interface OpenBatchOptions {
  readonly encoder: Encoder;
  /** The longest frame that `add` is ever given. */
  readonly maxMessageBytes: number;
  /** Bytes of entries at which the batch is to be closed. */
  readonly closeAtBytes: number;
}

export class OpenBatch {
  readonly #encoder: Encoder;
  readonly #closeAtBytes: number;
  readonly #entries: Buffer;
  #entriesEnd = 0;
  #observations: Buffer = Buffer.allocUnsafe(firstObservationBytes);
  #observationsEnd = 0;
  /** Start of the alert entry, -1 while there is none. */
  #alertAt = -1;
  #eventCount = 0;
  #oldestMs = 0;

  constructor(options: OpenBatchOptions) {
    const { encoder, maxMessageBytes, closeAtBytes } = options;
    this.#encoder = encoder;
    this.#closeAtBytes = closeAtBytes;
    // An entry is added only while fewer than `closeAtBytes` are in, so the largest one always
    // fits.
    this.#entries = Buffer.allocUnsafe(closeAtBytes + encoder.maxEntryBytes(maxMessageBytes));
  }

  get empty(): boolean {
    return this.#entriesEnd === 0;
  }

  /** True when it must be sealed before anything is added: it has its size, or an alert. */
  get shouldClose(): boolean {
    return this.#entriesEnd >= this.#closeAtBytes || this.#alertAt >= 0;
  }

  /** Takes one event in. Throws if the batch should have been closed (a programmer's error). */
  add(fields: Fields, verdict: Verdict): void {
    if (this.shouldClose) throw new Error('added to a batch that should have been closed');
    const start = this.#entriesEnd;
    if (start === 0) this.#oldestMs = fields.receivedAtMs;
    this.#entriesEnd = this.#encoder.entry(fields, verdict, this.#entries, start);
    if (verdict.alert !== null) this.#alertAt = start;
    else this.#eventCount++;
    if (verdict.download.learned) this.#observe(verdict.hour, 'download', verdict.download);
    if (verdict.upload.learned) this.#observe(verdict.hour, 'upload', verdict.upload);
  }

  /** What is in it. Its buffers are views, valid until the next `reset` or `add`. */
  seal(): Batch {
    const hasAlert = this.#alertAt >= 0;
    return {
      observations: this.#observations.subarray(0, this.#observationsEnd),
      entries: this.#entries.subarray(0, this.#entriesEnd),
      alertsAt: hasAlert ? this.#alertAt : this.#entriesEnd,
      eventCount: this.#eventCount,
      alertCount: hasAlert ? 1 : 0,
      oldestMs: this.#oldestMs,
    };
  }

  /** Empties it for the next batch. */
  reset(): void {
    this.#entriesEnd = 0;
    this.#observationsEnd = 0;
    this.#alertAt = -1;
    this.#eventCount = 0;
  }

  #observe(hour: number, direction: Direction, { bytes, host }: Learned): void {
    const needed = this.#observationsEnd + maxObservationBytes(host);
    if (needed > this.#observations.length) {
      const larger = Buffer.allocUnsafe(2 * needed);
      this.#observations.copy(larger, 0, 0, this.#observationsEnd);
      this.#observations = larger;
    }
    const at = this.#observationsEnd;
    this.#observationsEnd = writeObservation(this.#observations, at, hour, bytes, direction, host);
  }
}
