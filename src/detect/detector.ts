/**
 * Judges one event, then lets the baseline learn it. For what is not a JPEG event, nearly all, it reads
 * a few bytes and makes nothing; strings exist for JPEG events only.
 *
 * It opens no socket, reads no wall clock and does no I/O: the same events with the same times give the
 * same verdicts. What the rule means is told in docs/detection.md.
 */
import type { DetectionConfig } from '../config/config.js';
import type { Fields } from '../fields.js';
import type { Counters } from '../observe/counters.js';
import type { Baseline, ClockReading, Detector, Feeds } from '../stages.js';
import type { Direction, Verdict } from '../verdict.js';
import { DetectionClock } from './clock.js';
import { countJpeg, countWithoutUrl } from './event/feed-counts.js';
import { JpegTestResult } from './event/jpeg.js';
import { isJudgeable, type JpegEvent, type Side } from './event/jpeg-event.js';
import { JpegReader } from './event/jpeg-reader.js';
import { type Examination, Examiner, type SideExamination } from './examine.js';
import type { Exclusions } from './exclusions/exclusions.js';
import type { Repeats } from './repeats/repeats.js';

/** One for each direction that is judged. */
export type Baselines = Readonly<Partial<Record<Direction, Baseline>>>;

export interface DetectorOptions {
  readonly detection: DetectionConfig;
  readonly exclusions: Exclusions;
  readonly feeds: Feeds;
  readonly baselines: Baselines;
  readonly repeats: Repeats;
  readonly counters: Counters;
  /** Where the clock stood before a restart; of use if events tell the time. */
  readonly clock?: ClockReading;
}

/** `clock` is the clock of detection as it stands. */
export function createDetector(
  options: DetectorOptions,
): Detector & { readonly clock: ClockReading } {
  return new StreamingDetector(options);
}

class StreamingDetector implements Detector {
  readonly #exclusions: Exclusions;
  readonly #feeds: Feeds;
  readonly #baselines: Baselines;
  readonly #repeats: Repeats;
  readonly #counters: Counters;
  readonly #reader: JpegReader;
  readonly #examiner: Examiner;
  readonly #clock: DetectionClock;

  constructor(options: DetectorOptions) {
    const { detection, exclusions, feeds, baselines, repeats, counters, clock } = options;
    this.#exclusions = exclusions;
    this.#feeds = feeds;
    this.#baselines = baselines;
    this.#repeats = repeats;
    this.#counters = counters;
    this.#reader = new JpegReader(detection);
    this.#examiner = new Examiner({ detection, exclusions, baselines, repeats });
    this.#clock = new DetectionClock(detection, counters, clock);
  }

  get clock(): ClockReading {
    return this.#clock.reading;
  }

  judge(fields: Fields, into: Verdict): void {
    if (fields.truncated) {
      // What was cut off may have been the size, or a later duplicate of any key.
      this.#counters.not_judged_truncated++;
      return;
    }
    if (!isJudgeable(fields)) return;
    const feed = this.#feeds.of(fields);
    feed.events++;
    if (!feed.profile.judge) {
      this.#counters.not_judged_feed++;
      return;
    }
    const event = this.#reader.read(fields, feed);
    if (event !== null) this.#judgeJpeg(fields, event, into);
    else if (this.#reader.result === JpegTestResult.noUrl) {
      this.#counters.jpeg_without_url++;
      countWithoutUrl(feed);
    }
  }

  #judgeJpeg(fields: Fields, event: JpegEvent, into: Verdict): void {
    const atMs = this.#clock.momentOf(fields.eventTimeMs, fields.receivedAtMs);
    const examination = this.#examiner.examine(fields, event, atMs);
    into.jpeg = true;
    into.hour = examination.hour;
    this.#count(examination);
    this.#exclusions.observe(examination.facts);
    if (examination.alert !== null) this.#raise(examination, into);
    for (const side of examination.sides) this.#learn(examination.hour, side, into);
  }

  #raise({ alert, exclusion, repeatKey, atMs }: Examination, into: Verdict): void {
    if (exclusion !== null) {
      into.heldBack = alert;
      into.suppressed = { by: 'exclusion', name: exclusion.name, reason: exclusion.reason };
      this.#counters.alerts_excluded++;
      return;
    }
    const repeat = repeatKey === null ? null : this.#repeats.check(repeatKey, atMs);
    if (repeat === null) {
      into.alert = alert;
      this.#counters.alerts++;
      if (alert !== null) this.#counters[levelCounters[alert.level]]++;
    } else {
      into.heldBack = alert;
      into.suppressed = this.#repeats.suppressedBy(repeatKey!, repeat);
      this.#counters.alerts_repeated++;
    }
  }

  #learn(hour: number, { side: { direction }, toLearn }: SideExamination, into: Verdict): void {
    if (toLearn === null) return;
    const { bytes, host } = toLearn;
    this.#baselines[direction]!.learn(hour, bytes, host);
    this.#counters.observations++;
    const learned = into[direction];
    learned.learned = true;
    learned.bytes = bytes;
    learned.host = host;
  }

  #count({ event, sides }: Examination): void {
    const counters = this.#counters;
    countJpeg(event);
    counters.jpeg_events++;
    // As in the counts of the feed, an event that is judged both ways is counted once.
    const first = event.sides[0];
    if (first === undefined) counters.jpeg_not_uploads++;
    else if (first.skip !== null) counters[skipCounters[first.skip.by]]++;
    else this.#countLooked(event, first);
    if (sides.some(({ comparison }) => comparison?.compared)) counters.judged++;
  }

  #countLooked({ hosts }: JpegEvent, { bytes, zero }: Side): void {
    const counters = this.#counters;
    if (Number.isNaN(bytes)) counters.jpeg_without_bytes++;
    if (zero) counters.jpeg_zero_bytes++;
    if (hosts.length === 0) counters.jpeg_without_host++;
    if (hosts.length > 1) counters.jpeg_several_hosts++;
  }
}

const levelCounters = {
  low: 'alerts_low',
  medium: 'alerts_medium',
  high: 'alerts_high',
  critical: 'alerts_critical',
} as const;

const skipCounters = {
  method: 'skipped_by_method',
  status: 'skipped_by_status',
  action: 'skipped_by_action',
} as const;
