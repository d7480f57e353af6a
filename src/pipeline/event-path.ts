/**
 * The way of one event, from frame to spool, in one synchronous line: decode, judge, and into the lane of
 * each output. No string, object, promise or closure is made per event here or below (JPEG events excepted,
 * a few per cent).
 */
import { Fields } from '../fields.js';
import type { Decode, Detector, FrameSink, Peer } from '../stages.js';
import { Verdict } from '../verdict.js';
import type { Lane } from './lane.js';

export class EventPath implements FrameSink {
  readonly #fields: Fields;
  readonly #verdict = new Verdict();
  readonly #decode: Decode;
  #detector: Detector;
  readonly #lanes: readonly Lane[];
  readonly #onAlert: (verdict: Verdict) => void;

  constructor(stages: {
    maxFields: number;
    decode: Decode;
    detector: Detector;
    lanes: readonly Lane[];
    /** Told of each event that alerts, or would have, before it goes on. */
    onAlert?: (verdict: Verdict) => void;
  }) {
    this.#fields = new Fields(stages.maxFields);
    this.#decode = stages.decode;
    this.#detector = stages.detector;
    this.#lanes = stages.lanes;
    this.#onAlert = stages.onAlert ?? (() => {});
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
    const lanes = this.#lanes;
    this.#decode(bytes, start, end, originalLength, receivedAtMs, peer, fields);
    verdict.clear();
    this.#detector.judge(fields, verdict);
    if (verdict.alert !== null || verdict.heldBack !== null) this.#onAlert(verdict);
    for (let i = 0; i < lanes.length; i++) lanes[i]!.add(fields, verdict);
  }

  /** From the next event on. */
  use(detector: Detector): void {
    this.#detector = detector;
  }

  /** What has come until now is taken in. */
  closeBatches(): void {
    for (const lane of this.#lanes) lane.closeBatch();
  }
}
