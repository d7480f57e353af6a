/**
 * Reads old logs for `hunt` and `learn`: keeps of every JPEG event what the rule needs, a few numbers
 * each, sorted by event time in the end. The frames themselves are kept only where they may be shown.
 */
import type { Writable } from 'node:stream';
import type { Config, DetectionConfig } from '../config/config.js';
import { createDecoder } from '../decode/decode.js';
import type { Exclusions } from '../detect/exclusions/exclusions.js';
import { JpegTest, JpegTestResult } from '../detect/jpeg.js';
import { isJudgeable, isLearned, readJpegEvent } from '../detect/rule.js';
import { Fields } from '../fields.js';
import { readFiles } from '../input/files.js';
import { Counters } from '../observe/counters.js';
import { createProgress } from '../platform/progress.js';
import type { Decode, FrameSink, Peer } from '../stages.js';
import { FrameStore } from './hunt-frames.js';

const noFrame = -1;

/** Where each line went: every line is in exactly one of the last five. */
export interface LineCounts {
  lines: number;
  /** Judgeable, with a time, and not a JPEG. */
  others: number;
  jpegs: number;
  /** Events whose time neither `rt` nor the syslog header tells. */
  withoutTime: number;
  /** Not CEF, or without a whole CEF header. */
  unparseable: number;
  /** Longer than `listen.max_message`. */
  cut: number;
}

/** JPEG events as columns; all of one length. `order` has their indexes by time, equal ones as read. */
export interface JpegEvents {
  readonly timesMs: readonly number[];
  /** NaN if the event carried none. */
  readonly bytes: readonly number[];
  /** Index into `hosts`; 0 is '', no host. */
  readonly hostIds: readonly number[];
  readonly hosts: readonly string[];
  /** 1 where an exclusion matches. */
  readonly excluded: readonly number[];
  /** 1 where the event counts in the lookback. */
  readonly learned: readonly number[];
  readonly order: Uint32Array;
  readonly counts: LineCounts;
  /** Null unless the frame was kept. */
  frame(index: number): Buffer | null;
}

export interface ReadEventsOptions {
  readonly config: Config;
  readonly exclusions: Exclusions;
  readonly files: readonly string[];
  /** Stamps without a year are read relative to this moment. */
  readonly referenceMs: number;
  /** Whether a frame may have to be shown, which only a possible alert has. */
  readonly keepsFrame: (timeMs: number, bytes: number) => boolean;
  readonly stderr: Writable;
}

/** @throws StegwatchError INPUT_UNREADABLE */
export async function readJpegEvents(options: ReadEventsOptions): Promise<JpegEvents> {
  const counters = new Counters();
  const collector = new JpegCollector(options, createDecoder({ counters }));
  const progress = createProgress(options.stderr, 'reading');
  try {
    await readFiles(options.files, {
      maxMessageBytes: options.config.listen.maxMessageBytes,
      sink: collector,
      counters,
      onProgress: (done, total) => progress.update(done, total),
    });
  } finally {
    progress.stop();
  }
  return collector.finish();
}

class JpegCollector implements FrameSink {
  readonly #decode: Decode;
  readonly #options: ReadEventsOptions;
  readonly #detection: DetectionConfig;
  readonly #jpegTest: JpegTest;
  readonly #fields: Fields;
  readonly #counts: LineCounts = {
    lines: 0,
    others: 0,
    jpegs: 0,
    withoutTime: 0,
    unparseable: 0,
    cut: 0,
  };
  readonly #timesMs: number[] = [];
  readonly #bytes: number[] = [];
  readonly #hostIds: number[] = [];
  readonly #idOfHost = new Map<string, number>([['', 0]]);
  readonly #excluded: number[] = [];
  readonly #learned: number[] = [];
  readonly #frames = new FrameStore();
  readonly #frameOf: number[] = [];

  constructor(options: ReadEventsOptions, decode: Decode) {
    this.#options = options;
    this.#decode = decode;
    this.#detection = options.config.detection;
    this.#jpegTest = new JpegTest(this.#detection.jpeg);
    this.#fields = new Fields(options.config.listen.maxFields);
  }

  frame(
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    _receivedAtMs: number,
    peer: Peer,
  ): void {
    const fields = this.#fields;
    const { referenceMs } = this.#options;
    this.#decode(bytes, start, end, originalLength, referenceMs, peer, fields);
    this.#counts.lines++;
    if (fields.truncated) this.#counts.cut++;
    else if (!isJudgeable(fields)) this.#counts.unparseable++;
    else if (Number.isNaN(fields.eventTimeMs)) this.#counts.withoutTime++;
    else {
      const jpeg = this.#jpegTest.of(fields);
      if (jpeg === JpegTestResult.notJpeg) this.#counts.others++;
      else this.#keep(fields, jpeg, bytes.subarray(start, end));
    }
  }

  #keep(fields: Fields, jpeg: JpegTestResult, frame: Buffer): void {
    const event = readJpegEvent(fields, this.#detection);
    const timeMs = fields.eventTimeMs;
    const shown = this.#options.keepsFrame(timeMs, event.bytes);
    const asked = shown || this.#options.exclusions.keepFromLearning;
    const exclusion = asked ? this.#options.exclusions.match({ fields, ...event }, timeMs) : null;
    this.#counts.jpegs++;
    this.#timesMs.push(timeMs);
    this.#bytes.push(event.bytes);
    this.#hostIds.push(this.#hostId(event.learnedHost));
    this.#excluded.push(exclusion === null ? 0 : 1);
    this.#learned.push(isLearned(jpeg, exclusion) ? 1 : 0);
    const kept = shown && exclusion === null;
    this.#frameOf.push(kept ? this.#frames.add(frame, 0, frame.length) : noFrame);
  }

  #hostId(host: string): number {
    const known = this.#idOfHost.get(host);
    if (known !== undefined) return known;
    const id = this.#idOfHost.size;
    this.#idOfHost.set(host, id);
    return id;
  }

  finish(): JpegEvents {
    const timesMs = this.#timesMs;
    const order = Uint32Array.from(timesMs, (_, index) => index);
    // Logs mostly are in order already, and then sorting is the dearest part of reading.
    const sorted = timesMs.every((timeMs, i) => i === 0 || timesMs[i - 1]! <= timeMs);
    if (!sorted) order.sort((a, b) => timesMs[a]! - timesMs[b]! || a - b);
    return {
      timesMs,
      bytes: this.#bytes,
      hostIds: this.#hostIds,
      hosts: [...this.#idOfHost.keys()],
      excluded: this.#excluded,
      learned: this.#learned,
      order,
      counts: this.#counts,
      frame: (index) => {
        const handle = this.#frameOf[index]!;
        return handle === noFrame ? null : this.#frames.frame(handle);
      },
    };
  }
}
