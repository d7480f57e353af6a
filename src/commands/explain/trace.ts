/**
 * Takes one event the way of the detector, stage by stage, without any effect, and keeps what each stage
 * said. Nothing is judged here: the order of the stages is all that this file has of its own, and
 * test/commands/explain/explain.property.test.ts holds it against the detector.
 */
import type { DetectionConfig } from '../../config/config.js';
import { JpegTest, JpegTestResult } from '../../detect/event/jpeg.js';
import { isJudgeable } from '../../detect/event/jpeg-event.js';
import { JpegReader } from '../../detect/event/jpeg-reader.js';
import { type Examination, Examiner } from '../../detect/examine.js';
import type { Exclusions } from '../../detect/exclusions/exclusions.js';
import type { Repeats } from '../../detect/repeats/repeats.js';
import { type BaselineView, leastKnown } from '../../detect/rule.js';
import type { Feed } from '../../feed.js';
import type { Fields } from '../../fields.js';
import type { Feeds, HostState } from '../../stages.js';
import type { Direction } from '../../verdict.js';

export interface ExplainedBaseline extends BaselineView {
  lastSeenMs(host: string): number;
}

export interface TracerOptions {
  readonly detection: DetectionConfig;
  readonly exclusions: Exclusions;
  readonly feeds: Feeds;
  readonly baselines: Readonly<Partial<Record<Direction, ExplainedBaseline>>>;
  readonly repeats: Repeats;
  /** The moment at which a JPEG event is judged; asked once for each. */
  readonly momentOf: (fields: Fields) => number;
}

/** What decided before anything was compared. */
export type Stop = 'truncated' | 'unparsed' | 'switched_off' | 'not_jpeg' | 'no_url';

export interface JpegFacts {
  readonly result: JpegTestResult;
  /** The ending that the URL has; '' if none of those that mean JPEG. */
  readonly bySuffix: string;
  /** The file type, as configured, that the event has; '' if none. */
  readonly byType: string;
  /** Index of the URL, -1 if the event has none. */
  readonly urlIndex: number;
  readonly typeIndex: number;
}

/** What the baseline knows of the judged host, whether the rule needed to know or not. */
export interface HostFacts {
  readonly host: string;
  readonly state: HostState;
  /** Epoch ms, starts of hours; 0 if never seen. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

export interface Trace {
  readonly fields: Fields;
  /** Null if the event was no longer looked at. */
  readonly feed: Feed | null;
  readonly stop: Stop | null;
  readonly jpeg: JpegFacts | null;
  /** Null if something stopped it before. */
  readonly examination: Examination | null;
  readonly hosts: ReadonlyMap<Direction, HostFacts>;
}

export class Tracer {
  readonly #options: TracerOptions;
  readonly #reader: JpegReader;
  readonly #examiner: Examiner;

  constructor(options: TracerOptions) {
    this.#options = options;
    this.#reader = new JpegReader(options.detection);
    this.#examiner = new Examiner(options);
  }

  /** The trace is good as long as the fields are. */
  trace(fields: Fields): Trace {
    const begun = { fields, feed: null, jpeg: null, examination: null, hosts: none };
    if (fields.truncated) return { ...begun, stop: 'truncated' };
    if (!isJudgeable(fields)) return { ...begun, stop: 'unparsed' };
    const feed = this.#options.feeds.of(fields);
    if (!feed.profile.judge) return { ...begun, feed, stop: 'switched_off' };
    const event = this.#reader.read(fields, feed);
    const jpeg = this.#jpegFacts(fields, feed);
    if (event === null) {
      const noUrl = this.#reader.result === JpegTestResult.noUrl;
      return { ...begun, feed, jpeg, stop: noUrl ? 'no_url' : 'not_jpeg' };
    }
    const atMs = this.#options.momentOf(fields);
    const examination = this.#examiner.examine(fields, event, atMs);
    const hosts = this.#hostFacts(examination);
    return { fields, feed, stop: null, jpeg, examination, hosts };
  }

  /** By the test itself, with one thing to look for at a time. */
  #jpegFacts(fields: Fields, { profile }: Feed): JpegFacts {
    const { detection } = this.#options;
    const { urlSuffixes, fileTypes } = detection.jpeg;
    const testOf = (only: Partial<DetectionConfig['jpeg']>) =>
      new JpegTest({ ...detection, jpeg: { ...detection.jpeg, ...only } });
    const says = (only: Partial<DetectionConfig['jpeg']>) =>
      testOf(only).of(fields, profile) !== JpegTestResult.notJpeg;
    const suffix = urlSuffixes.find((one) => says({ urlSuffixes: [one], fileTypes: [] }));
    const type = fileTypes.find((one) => says({ urlSuffixes: [], fileTypes: [one] }));
    const whole = testOf({});
    const result = whole.of(fields, profile);
    const { urlIndex } = whole;
    const byType = testOf({ urlSuffixes: [] });
    byType.of(fields, profile);
    const { typeIndex } = byType;
    return { result, bySuffix: suffix ?? '', byType: type ?? '', urlIndex, typeIndex };
  }

  #hostFacts({ event, hour, sides }: Examination): ReadonlyMap<Direction, HostFacts> {
    const facts = new Map<Direction, HostFacts>();
    for (const { side, comparison } of sides) {
      if (comparison === null) continue;
      const baseline = this.#options.baselines[side.direction]!;
      const { host, learnedHost, hostState: state } = leastKnown(event.hosts, hour, baseline);
      const seen =
        host === ''
          ? { firstSeenMs: 0, lastSeenMs: 0 }
          : {
              firstSeenMs: baseline.firstSeenMs(learnedHost),
              lastSeenMs: baseline.lastSeenMs(learnedHost),
            };
      facts.set(side.direction, { host, state, ...seen });
    }
    return facts;
  }
}

const none: ReadonlyMap<Direction, never> = new Map<Direction, never>();
