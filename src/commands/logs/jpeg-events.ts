/**
 * Reads old logs for `hunt`, `learn` and `tune`: keeps of every JPEG event what the rule needs, a few
 * numbers each, sorted by event time in the end. The frames themselves are kept only where they may be
 * shown.
 */
import type { Writable } from 'node:stream';
import type { Config } from '../../config/config.js';
import { createDecoder } from '../../decode/decode.js';
import { countJpeg, countWithoutUrl } from '../../detect/event/feed-counts.js';
import { boundedHost } from '../../detect/event/host.js';
import { JpegTestResult } from '../../detect/event/jpeg.js';
import { isJudgeable, type JpegEvent, judgedDirections } from '../../detect/event/jpeg-event.js';
import { JpegFacts } from '../../detect/event/jpeg-facts.js';
import { JpegReader } from '../../detect/event/jpeg-reader.js';
import type { EventFacts, Exclusions } from '../../detect/exclusions/exclusions.js';
import { isLearned } from '../../detect/rule.js';
import { createFeeds } from '../../feeds/feeds.js';
import { Fields } from '../../fields.js';
import { readFiles } from '../../input/files.js';
import { Counters } from '../../observe/counters.js';
import { createProgress } from '../../platform/progress.js';
import type { Decode, Feeds, FrameSink, Peer } from '../../stages.js';
import type { Direction } from '../../verdict.js';
import { FrameStore } from './frame-store.js';

const noFrame = -1;

/** Where each line went: every line is in exactly one of those from `others` on. */
export interface LineCounts {
  lines: number;
  /** Judgeable, with a time, and not a JPEG. */
  others: number;
  jpegs: number;
  /** JPEGs by their file type, without a URL. */
  withoutUrl: number;
  /** Of a feed with `judge: false`. */
  switchedOff: number;
  /** Events whose time neither `rt` nor the syslog header tells. */
  withoutTime: number;
  /** Not CEF, or without a whole CEF header. */
  unparseable: number;
  /** Longer than `listen.max_message`. */
  cut: number;
}

/** One direction of the JPEG events, as columns. */
export interface SideColumns {
  readonly direction: Direction;
  /** NaN if the event carried none. */
  readonly bytes: number[];
  /** What the percentile learns: NaN too where several sizes differ. */
  readonly learnedBytes: number[];
  /** 1 where the event is looked at: not skipped, and with `upload` an upload. */
  readonly looked: number[];
}

/** JPEG events as columns; all of one length. `order` has their indexes by time, equal ones as read. */
export interface JpegEvents {
  readonly timesMs: readonly number[];
  /** One for each direction that is judged. */
  readonly sides: readonly SideColumns[];
  /** Hosts of each event as received: none, one, or several of which the least known is judged. */
  hostsOf(index: number): readonly string[];
  /** 1 where an exclusion matches. */
  readonly excluded: ArrayLike<number>;
  /** 1 where the event counts in the lookback. */
  readonly learned: ArrayLike<number>;
  readonly order: Uint32Array;
  readonly counts: LineCounts;
  /** By which the events were read, with what was seen of each. */
  readonly feeds: Feeds;
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
  readonly keepsFrame: (timeMs: number, largest: number) => boolean;
  /** Sees each event that becomes a row of the columns, in order of their indexes. */
  readonly onJpeg?: (event: JpegEvent, facts: EventFacts, timeMs: number) => void;
  readonly stderr: Writable;
}

/** @throws StegwatchError INPUT_UNREADABLE */
export async function readJpegEvents(options: ReadEventsOptions): Promise<JpegEvents> {
  const { config } = options;
  const counters = new Counters();
  const { feedProfiles } = config.detection;
  const feeds = createFeeds({ feeds: config.feeds, feedProfiles });
  const collector = new JpegCollector(options, createDecoder({ counters, feeds }), feeds);
  const progress = createProgress(options.stderr, 'reading');
  try {
    await readFiles(options.files, {
      maxMessageBytes: config.listen.maxMessageBytes,
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
  readonly #feeds: Feeds;
  readonly #reader: JpegReader;
  readonly #fields: Fields;
  readonly #counts: LineCounts = {
    lines: 0,
    others: 0,
    jpegs: 0,
    withoutUrl: 0,
    switchedOff: 0,
    withoutTime: 0,
    unparseable: 0,
    cut: 0,
  };
  readonly #timesMs: number[] = [];
  readonly #sides: readonly SideColumns[];
  readonly #hosts = new HostColumn();
  readonly #excluded: number[] = [];
  readonly #learned: number[] = [];
  readonly #frames = new FrameStore();
  readonly #frameOf: number[] = [];

  constructor(options: ReadEventsOptions, decode: Decode, feeds: Feeds) {
    const { detection, listen } = options.config;
    this.#options = options;
    this.#decode = decode;
    this.#feeds = feeds;
    this.#reader = new JpegReader(detection);
    this.#fields = new Fields(listen.maxFields);
    this.#sides = judgedDirections(detection.direction).map((direction) => ({
      direction,
      bytes: [],
      learnedBytes: [],
      looked: [],
    }));
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
    const counts = this.#counts;
    this.#decode(bytes, start, end, originalLength, this.#options.referenceMs, peer, fields);
    counts.lines++;
    if (fields.truncated) counts.cut++;
    else if (!isJudgeable(fields)) counts.unparseable++;
    else if (Number.isNaN(fields.eventTimeMs)) counts.withoutTime++;
    else this.#read(fields, bytes.subarray(start, end));
  }

  #read(fields: Fields, frame: Buffer): void {
    const counts = this.#counts;
    const feed = this.#feeds.of(fields);
    feed.events++;
    if (!feed.profile.judge) {
      counts.switchedOff++;
      return;
    }
    const event = this.#reader.read(fields, feed);
    if (event !== null) {
      this.#keep(fields, event, frame);
    } else if (this.#reader.result === JpegTestResult.noUrl) {
      counts.withoutUrl++;
      countWithoutUrl(feed);
    } else {
      counts.others++;
    }
  }

  #keep(fields: Fields, event: JpegEvent, frame: Buffer): void {
    const timeMs = fields.eventTimeMs;
    const { exclusions, keepsFrame, onJpeg } = this.#options;
    const shown = keepsFrame(timeMs, this.#addSides(event));
    const asked = shown || exclusions.keepFromLearning;
    const { hosts } = event;
    const facts = new JpegFacts(fields, event, hosts[0] ?? '');
    exclusions.observe(facts);
    onJpeg?.(event, facts, timeMs);
    const exclusion = asked ? exclusions.match(facts, timeMs) : null;
    countJpeg(event);
    this.#counts.jpegs++;
    this.#timesMs.push(timeMs);
    this.#hosts.add(hosts);
    this.#excluded.push(exclusion === null ? 0 : 1);
    this.#learned.push(isLearned(event.result, exclusion) ? 1 : 0);
    const kept = shown && exclusion === null;
    this.#frameOf.push(kept ? this.#frames.add(frame, 0, frame.length) : noFrame);
  }

  /** @returns the largest size that is looked at, 0 if there is none */
  #addSides(event: JpegEvent): number {
    let largest = 0;
    for (const { direction, bytes, learnedBytes, looked } of this.#sides) {
      const side = event.sides.find((one) => one.direction === direction);
      const isLooked = side !== undefined && side.skip === null;
      bytes.push(isLooked ? side.bytes : Number.NaN);
      learnedBytes.push(isLooked ? side.learnedBytes : Number.NaN);
      looked.push(isLooked ? 1 : 0);
      if (isLooked && side.bytes > largest) largest = side.bytes;
    }
    return largest;
  }

  finish(): JpegEvents {
    const timesMs = this.#timesMs;
    const order = Uint32Array.from(timesMs, (_, index) => index);
    // Logs mostly are in order already, and then sorting is the dearest part of reading.
    const sorted = timesMs.every((timeMs, i) => i === 0 || timesMs[i - 1]! <= timeMs);
    if (!sorted) order.sort((a, b) => timesMs[a]! - timesMs[b]! || a - b);
    return {
      timesMs,
      sides: this.#sides,
      hostsOf: (index) => this.#hosts.of(index),
      excluded: this.#excluded,
      learned: this.#learned,
      order,
      counts: this.#counts,
      feeds: this.#feeds,
      frame: (index) => {
        const handle = this.#frameOf[index]!;
        return handle === noFrame ? null : this.#frames.frame(handle);
      },
    };
  }
}

/** The hosts of each event; each text once, since they come again and again. */
class HostColumn {
  readonly #sets: (readonly string[])[] = [[]];
  readonly #idOf = new Map<string, number>();
  readonly #ids: number[] = [];

  add(hosts: readonly string[]): void {
    this.#ids.push(hosts.length === 0 ? 0 : this.#idOfSet(hosts));
  }

  of(index: number): readonly string[] {
    return this.#sets[this.#ids[index]!]!;
  }

  #idOfSet(hosts: readonly string[]): number {
    const bounded = hosts.map(boundedHost);
    // No host begins with a line feed, since texts are trimmed.
    const key = bounded.length === 1 ? bounded[0]! : `\n${JSON.stringify(bounded)}`;
    const known = this.#idOf.get(key);
    if (known !== undefined) return known;
    this.#idOf.set(key, this.#sets.length);
    return this.#sets.push(bounded) - 1;
  }
}
