/**
 * The batch that is being filled: finished entries and the observations from the same events, in
 * two reused buffers. An entry with an alert closes it, so alerts are always last and one number,
 * `alertsAt`, says which tag an entry travels under.
 *
 * With `only`, an event that is not to be forwarded is not encoded, which is the saving; what it
 * teaches still goes in, so that what the baseline learns is in the spool whatever is forwarded.
 */
import type { FluentdConfig } from '../config/config.js';
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
  /** Bytes of entries and observations at which the batch is to be closed. */
  readonly closeAtBytes: number;
  /** Which events are forwarded. */
  readonly only: FluentdConfig['only'];
  /** What events teach goes in too: of several batches that an event is added to, into one. */
  readonly observes: boolean;
}

export class OpenBatch {
  readonly #encoder: Encoder;
  readonly #closeAtBytes: number;
  readonly #only: FluentdConfig['only'];
  readonly #observes: boolean;
  readonly #entries: Buffer;
  #entriesEnd = 0;
  #observations: Buffer = Buffer.allocUnsafe(firstObservationBytes);
  #observationsEnd = 0;
  /** Start of the alert entry, -1 while there is none. */
  #alertAt = -1;
  #eventCount = 0;
  #oldestMs = 0;

  constructor(options: OpenBatchOptions) {
    const { encoder, maxMessageBytes, closeAtBytes, only, observes } = options;
    this.#encoder = encoder;
    this.#closeAtBytes = closeAtBytes;
    this.#only = only;
    this.#observes = observes;
    // An entry is added only while fewer than `closeAtBytes` are in, so the largest one always
    // fits.
    this.#entries = Buffer.allocUnsafe(closeAtBytes + encoder.maxEntryBytes(maxMessageBytes));
  }

  get empty(): boolean {
    return this.#entriesEnd === 0 && this.#observationsEnd === 0;
  }

  /** True when it must be sealed before anything is added: it has its size, or an alert. */
  get shouldClose(): boolean {
    return this.#entriesEnd + this.#observationsEnd >= this.#closeAtBytes || this.#alertAt >= 0;
  }

  /**
   * Takes one event in. Throws if the batch should have been closed (a programmer's error).
   *
   * @returns whether the event is forwarded; if not, all that is kept of it is what it teaches
   */
  add(fields: Fields, verdict: Verdict): boolean {
    if (this.shouldClose) throw new Error('added to a batch that should have been closed');
    const wasEmpty = this.empty;
    const forwarded = this.#forwards(verdict);
    if (forwarded) {
      const start = this.#entriesEnd;
      this.#entriesEnd = this.#encoder.entry(fields, verdict, this.#entries, start);
      if (verdict.alert !== null) this.#alertAt = start;
      else this.#eventCount++;
    }
    if (this.#observes) this.#observeAll(verdict);
    if (wasEmpty) this.#oldestMs = fields.receivedAtMs;
    return forwarded;
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

  /** What an exclusion or a repeat holds back is not an alert. */
  #forwards(verdict: Verdict): boolean {
    if (this.#only === 'all') return true;
    return this.#only === 'jpeg' ? verdict.jpeg : verdict.alert !== null;
  }

  #observeAll({ hour, download, upload }: Verdict): void {
    if (download.learned) this.#observe(hour, 'download', download);
    if (upload.learned) this.#observe(hour, 'upload', upload);
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
