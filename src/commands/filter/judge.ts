/**
 * One event in, its record out: decode, judge, encode, as `run` does it, with the same stages. The record is
 * MessagePack, as the encoder writes it; what a protocol makes of it is its own.
 */
import type { Config } from '../../config/config.js';
import { Fields } from '../../fields.js';
import type { Counters } from '../../observe/counters.js';
import type { Decode, Detector, Encoder } from '../../stages.js';
import { Verdict } from '../../verdict.js';

/** An entry is an array of two, an EventTime, and the record as a map of up to 65,535. */
const entryHeaderBytes = 1 + 10;
/** There is no network between the sender and us; who sent it is in the event. */
const peer = { address: '-' };

export class Judge {
  readonly fields: Fields;
  readonly verdict = new Verdict();
  /** The record of the last event is the map `record[recordStart, recordEnd)`. */
  readonly record: Buffer;
  readonly recordStart = entryHeaderBytes;
  recordEnd = 0;
  readonly #maxMessageBytes: number;
  readonly #decode: Decode;
  readonly #detector: Detector;
  readonly #encoder: Encoder;
  readonly #counters: Counters;

  constructor(
    { maxMessageBytes, maxFields }: Config['listen'],
    stages: { decode: Decode; detector: Detector; encoder: Encoder; counters: Counters },
  ) {
    this.fields = new Fields(maxFields);
    this.#maxMessageBytes = maxMessageBytes;
    this.#decode = stages.decode;
    this.#detector = stages.detector;
    this.#encoder = stages.encoder;
    this.#counters = stages.counters;
    this.record = Buffer.allocUnsafe(this.#encoder.maxEntryBytes(maxMessageBytes));
  }

  /** Bytes of the record's map, its header included. */
  get recordBytes(): number {
    return this.recordEnd - this.recordStart;
  }

  /** Cuts what is longer than `listen.max_message`. Never throws. */
  judge(
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    receivedAtMs: number,
  ): void {
    const { fields, verdict } = this;
    const to = Math.min(end, start + this.#maxMessageBytes);
    this.#counters.received_frames++;
    if (originalLength > to - start) this.#counters.frames_truncated++;
    this.#decode(bytes, start, to, originalLength, receivedAtMs, peer, fields);
    verdict.clear();
    this.#detector.judge(fields, verdict);
    this.recordEnd = this.#encoder.entry(fields, verdict, this.record, 0);
  }
}
