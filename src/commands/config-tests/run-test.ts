/** Takes the events of one test the way of the sidecar, in memory, and keeps what the last one came to. */
import { decode as unpack } from '@msgpack/msgpack';
import type { Config } from '../../config/config.js';
import type { ConfigTest, TestEvent } from '../../config/config-test.js';
import { createDecoder } from '../../decode/decode.js';
import { DetectionClock } from '../../detect/clock.js';
import { createDetector } from '../../detect/detector.js';
import { judgedDirections } from '../../detect/event/jpeg-event.js';
import type { ExclusionExplanation, Exclusions } from '../../detect/exclusions/exclusions.js';
import { Repeats } from '../../detect/repeats/repeats.js';
import { createForwardEncoder } from '../../encode/forward-entry.js';
import { createFeeds } from '../../feeds/feeds.js';
import { Fields } from '../../fields.js';
import { frameDatagram } from '../../framing/datagram.js';
import { Counters } from '../../observe/counters.js';
import { type Direction, Verdict } from '../../verdict.js';
import { Tracer } from '../explain/trace.js';
import { verdictOf } from '../explain/verdict.js';
import { StatedBaseline } from './stated-baseline.js';

/** What an event came to, by the keys of `expect`; null where there is nothing of the kind. */
export interface Outcome {
  readonly alert: boolean;
  readonly excluded_by: string | null;
  readonly repeat: boolean;
  readonly level: string | null;
  readonly rule: string | null;
  readonly skipped_by: string | null;
  readonly not_judged: string | null;
  readonly direction: string | null;
  readonly host: string | null;
  readonly host_state: string | null;
  readonly bytes: number | null;
  readonly learned: boolean;
  /** As forwarded, whether `only` would let it pass or not. */
  readonly record: Readonly<Record<string, unknown>>;
  /** The verdict in one sentence, and what would have to differ for an alert. */
  readonly sentence: string;
  readonly needed: readonly string[];
  /** What each exclusion makes of the event, in order; empty if none was asked. Costs something, so made when asked for. */
  exclusions(): readonly ExclusionExplanation[];
}

/** The same test gives the same outcome whenever it is run. */
export function runTest(test: ConfigTest, config: Config, exclusions: Exclusions): Outcome {
  return new TestRun(test, config, exclusions).run();
}

class TestRun {
  readonly #test: ConfigTest;
  readonly #config: Config;
  readonly #exclusions: Exclusions;
  readonly #counters = new Counters();
  readonly #feeds;
  readonly #repeats: Repeats;
  readonly #decode;
  readonly #detector;
  readonly #tracer: Tracer;
  readonly #fields: Fields;
  readonly #verdict = new Verdict();

  constructor(test: ConfigTest, config: Config, exclusions: Exclusions) {
    const { detection, listen } = config;
    const counters = this.#counters;
    this.#test = test;
    this.#config = config;
    this.#exclusions = exclusions;
    const feeds = createFeeds({ feeds: config.feeds, feedProfiles: detection.feedProfiles });
    const baselines: Partial<Record<Direction, StatedBaseline>> = {};
    for (const direction of judgedDirections(detection.direction)) {
      baselines[direction] = new StatedBaseline(test.baseline, detection);
    }
    const repeats = new Repeats({ suppress: detection.suppress, counters });
    const shared = { detection, exclusions, feeds, baselines, repeats };
    this.#feeds = feeds;
    this.#repeats = repeats;
    this.#decode = createDecoder({ counters, feeds });
    this.#detector = createDetector({ ...shared, counters });
    this.#tracer = new Tracer({ ...shared, momentOf: (fields) => this.#momentOf(fields) });
    this.#fields = new Fields(listen.maxFields);
  }

  run(): Outcome {
    const { atMs, events } = this.#test;
    let receivedMs = atMs;
    let outcome: Outcome | null = null;
    for (const [index, event] of events.entries()) {
      for (let time = 1; time <= event.times; time++) {
        receivedMs += event.afterMs;
        this.#read(event, receivedMs);
        const last = index === events.length - 1 && time === event.times;
        if (last) outcome = this.#traced();
        this.#verdict.clear();
        this.#detector.judge(this.#fields, this.#verdict);
      }
    }
    return { ...outcome!, record: this.#record() };
  }

  /** One datagram, so that a count in front or a newline at the end is taken off as it would be. */
  #read({ line }: TestEvent, receivedMs: number): void {
    const bytes = Buffer.from(line);
    const peer = { address: this.#test.peer };
    // Nothing but a line break: what the sidecar skips is told as what cannot be parsed.
    this.#decode(bytes, 0, 0, 0, receivedMs, peer, this.#fields);
    frameDatagram(bytes, bytes.length, receivedMs, peer, {
      maxMessageBytes: this.#config.listen.maxMessageBytes,
      counters: this.#counters,
      sink: {
        frame: (frame, start, end, originalLength) =>
          this.#decode(frame, start, end, originalLength, receivedMs, peer, this.#fields),
      },
    });
  }

  /** The moment at which the detector will judge the event: its clock as it stands, asked aside. */
  #momentOf({ eventTimeMs, receivedAtMs }: Fields): number {
    const clock = new DetectionClock(this.#config.detection, new Counters(), this.#detector.clock);
    return clock.momentOf(eventTimeMs, receivedAtMs);
  }

  /** Without effect: the detector judges the event after it. */
  #traced(): Outcome {
    const trace = this.#tracer.trace(this.#fields);
    const { examination, stop, hosts } = trace;
    const { repeatKey = null, repeat = null } = examination ?? {};
    const repeatName =
      repeatKey === null || repeat === null
        ? ''
        : (this.#repeats.suppressedBy(repeatKey, repeat).name ?? '');
    const verdict = verdictOf(trace, this.#config, repeatName);
    const sides = examination?.sides ?? [];
    const alert = examination?.alert ?? null;
    const judged =
      sides.find(({ side }) => side.direction === alert?.direction) ?? sides[0] ?? null;
    const direction = judged?.side.direction ?? null;
    const host = direction === null ? undefined : hosts.get(direction);
    const bytes = judged?.side.bytes ?? Number.NaN;
    return {
      alert: verdict.outcome === 'alert',
      excluded_by: verdict.by === 'exclusion' ? verdict.name : null,
      repeat: verdict.by === 'repeat',
      level: verdict.level,
      rule: alert?.rule ?? null,
      skipped_by: sides.find(({ side }) => side.skip !== null)?.side.skip?.by ?? null,
      not_judged: stop,
      direction,
      host: host === undefined || host.host === '' ? null : host.host,
      host_state: host?.state ?? null,
      bytes: Number.isNaN(bytes) ? null : bytes,
      learned: sides.some(({ toLearn }) => toLearn !== null),
      record: {},
      sentence: verdict.sentence,
      needed: verdict.needed,
      exclusions: () =>
        examination === null ? [] : this.#exclusions.explain(examination.facts, examination.atMs),
    };
  }

  #record(): Readonly<Record<string, unknown>> {
    const { raw, names, resolveLabels } = this.#config.forward.fluentd;
    const { maxFutureMs } = this.#config.detection;
    const counters = this.#counters;
    const feeds = this.#feeds;
    const options = { raw, names, resolveLabels, feeds, counters, maxFutureMs };
    const encoder = createForwardEncoder(options);
    const { rawStart, rawEnd } = this.#fields;
    const out = Buffer.allocUnsafe(encoder.maxEntryBytes(rawEnd - rawStart));
    const end = encoder.entry(this.#fields, this.#verdict, out, 0);
    const [, record] = unpack(out.subarray(0, end)) as [unknown, Record<string, unknown>];
    return record;
  }
}
