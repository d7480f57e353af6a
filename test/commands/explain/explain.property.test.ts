/**
 * `explain` says what the detector then does: under random configs, each event is explained first and
 * judged after, and both must agree on alert, level, what holds it back, and what is learned.
 */
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { Explainer } from '../../../src/commands/explain/explanation.js';
import type { Config } from '../../../src/config/config.js';
import { createDecoder } from '../../../src/decode/decode.js';
import { DetectionClock } from '../../../src/detect/clock.js';
import { createDetector } from '../../../src/detect/detector.js';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';
import { Repeats } from '../../../src/detect/repeats/repeats.js';
import { createFeeds } from '../../../src/feeds/feeds.js';
import { Fields } from '../../../src/fields.js';
import { Counters } from '../../../src/observe/counters.js';
import { type BucketBaselines, makeBaselines } from '../../../src/pipeline/open-detection.js';
import type { Baseline } from '../../../src/stages.js';
import { type Direction, Verdict } from '../../../src/verdict.js';
import { randomFrom } from '../../support/traffic.js';
import { hostOf, type RandomEvent, randomConfig, randomEvents, sizeOf } from './cases.js';

const firstSeed = Number(process.env['STEGWATCH_SEED'] ?? 20261124);
const configs = 40;
const eventsPerConfig = 250;
const startMs = Date.UTC(2026, 10, 24, 5);
const msPerHour = 3_600_000;
const peer = { address: '-' };

interface Learning {
  readonly direction: Direction;
  readonly hour: number;
  readonly bytes: number;
  readonly host: string;
}

/** What of an event can be compared. */
interface Said {
  readonly outcome: string;
  /** Of an alert that is raised: level and reason. */
  readonly sentence: string;
  readonly by: string;
  readonly name: string;
  readonly count: number;
  readonly skippedBy: string;
  readonly learned: readonly Learning[];
}

/** One config, with a detector and an explainer over the same state. */
class Both {
  readonly config: Config;
  readonly #baselines: BucketBaselines;
  readonly #counters = new Counters();
  readonly #fields = new Fields(64);
  readonly #verdict = new Verdict();
  readonly #decode;
  readonly #detector;
  readonly #explainer;
  readonly #learnings: Learning[] = [];
  /** Times of the events that have moved the clock. */
  readonly #judged: (readonly [eventTimeMs: number, receivedAtMs: number])[] = [];

  constructor(random: () => number) {
    const config = randomConfig(random);
    const { detection } = config;
    this.config = config;
    const counters = this.#counters;
    this.#baselines = makeBaselines(config, counters);
    this.#fill(random);
    const feedsOf = () =>
      createFeeds({ feeds: config.feeds, feedProfiles: detection.feedProfiles });
    const repeats = new Repeats({ suppress: detection.suppress, counters });
    this.#decode = createDecoder({ counters, feeds: feedsOf() });
    this.#detector = createDetector({
      detection,
      exclusions: compileExclusions(config.exclusions).exclusions,
      feeds: feedsOf(),
      baselines: this.#recorded(),
      repeats,
      counters,
    });
    this.#explainer = new Explainer({
      config,
      exclusions: compileExclusions(config.exclusions).exclusions,
      feeds: feedsOf(),
      baselines: this.#baselines,
      repeats,
      momentOf: (fields) => ({ atMs: this.#momentOf(fields), why: '', rtUnread: false }),
    });
  }

  explained({ frame, originalLength, receivedAtMs }: RandomEvent) {
    this.#decode(frame, 0, frame.length, originalLength, receivedAtMs, peer, this.#fields);
    const { steps, verdict } = this.#explainer.explain(this.#fields);
    const factsOf = (step: string) => steps.find((one) => one.step === step)!.facts;
    const hour = Math.floor(Date.parse(`${factsOf('time')['judged_at']}`) / msPerHour);
    const learned = Object.entries(factsOf('learning')).map(([direction, fact]) => {
      const { bytes, host } = fact as { bytes: number | null; host: string };
      return { direction: direction as Direction, hour, bytes: bytes ?? Number.NaN, host };
    });
    const first = this.config.detection.direction === 'upload' ? 'upload' : 'download';
    const said: Said = {
      outcome: verdict.outcome,
      sentence: verdict.outcome === 'alert' ? verdict.sentence : '',
      by: verdict.by ?? '',
      name: verdict.name,
      count: Number(factsOf('repeats')['count'] ?? 0),
      skippedBy: verdict.skipped[first] ?? '',
      learned,
    };
    return { said, verdict, steps };
  }

  /** The fields are those that were explained: they are judged after, by the detector itself. */
  judged(): Said & { readonly counted: readonly string[] } {
    const before = { ...this.#counters };
    const verdict = this.#verdict;
    verdict.clear();
    this.#learnings.length = 0;
    this.#detector.judge(this.#fields, verdict);
    if (verdict.jpeg) this.#judged.push([this.#fields.eventTimeMs, this.#fields.receivedAtMs]);
    const { alert, suppressed } = verdict;
    const counted = Object.entries(this.#counters)
      .filter(([name, value]) => value > before[name as keyof Counters])
      .map(([name]) => name);
    return {
      outcome: alert !== null ? 'alert' : suppressed !== null ? 'held_back' : 'no_alert',
      sentence: alert === null ? '' : `ALERT ${alert.level}: ${alert.reason}`,
      by: suppressed?.by ?? '',
      name: suppressed?.name ?? '',
      count: suppressed?.count ?? 0,
      skippedBy: counted.find((name) => name.startsWith('skipped_by_'))?.slice(11) ?? '',
      learned: [...this.#learnings],
      counted,
    };
  }

  /** A clock that has seen what the detector's has, and is then asked for one more. */
  #momentOf({ eventTimeMs, receivedAtMs }: Fields): number {
    const clock = new DetectionClock(this.config.detection, new Counters());
    for (const [event, received] of this.#judged) clock.momentOf(event, received);
    return clock.momentOf(eventTimeMs, receivedAtMs);
  }

  #recorded(): Partial<Record<Direction, Baseline>> {
    const record = (direction: Direction, baseline: Baseline): Baseline => ({
      threshold: (hour) => baseline.threshold(hour),
      hostState: (host, hour) => baseline.hostState(host, hour),
      firstSeenMs: (host) => baseline.firstSeenMs(host),
      learn: (hour, bytes, host) => {
        this.#learnings.push({ direction, hour, bytes, host });
        baseline.learn(hour, bytes, host);
      },
    });
    return Object.fromEntries(
      Object.entries(this.#baselines).map(([direction, baseline]) => [
        direction,
        record(direction as Direction, baseline),
      ]),
    );
  }

  /** Days before: some of them enough, some of them not. */
  #fill(random: () => number): void {
    const now = Math.floor(startMs / msPerHour);
    const observations = random() < 0.8 ? 400 : 20;
    for (const baseline of Object.values(this.#baselines)) {
      for (let i = 0; i < observations; i++) {
        baseline.learn(now - Math.floor(random() * 60), sizeOf(random), hostOf(random));
      }
    }
  }
}

/** What must occur often for the agreement to mean something: each by what the detector did. */
const kinds: Readonly<
  Record<
    string,
    (said: ReturnType<Both['judged']>, explained: ReturnType<Both['explained']>) => boolean
  >
> = {
  'an alert': ({ outcome }) => outcome === 'alert',
  'an alert, low': ({ sentence }) => sentence.startsWith('ALERT low'),
  'an alert, medium': ({ sentence }) => sentence.startsWith('ALERT medium'),
  'an alert, high': ({ sentence }) => sentence.startsWith('ALERT high'),
  'held back by an exclusion': ({ by }) => by === 'exclusion',
  'held back as a repeat': ({ by }) => by === 'repeat',
  'skipped by its method': ({ skippedBy }) => skippedBy === 'method',
  'skipped by its status': ({ skippedBy }) => skippedBy === 'status',
  'skipped by its action': ({ skippedBy }) => skippedBy === 'action',
  'not judged, feed switched off': ({ counted }) => counted.includes('not_judged_feed'),
  'not judged, cut': ({ counted }) => counted.includes('not_judged_truncated'),
  'without a URL': ({ counted }) => counted.includes('jpeg_without_url'),
  'without a size': ({ counted }) => counted.includes('jpeg_without_bytes'),
  'without a host': ({ counted }) => counted.includes('jpeg_without_host'),
  'several hosts': ({ counted }) => counted.includes('jpeg_several_hosts'),
  'a size of 0 that counts as missing': ({ counted }) => counted.includes('jpeg_zero_bytes'),
  'no upload': ({ counted }) => counted.includes('jpeg_not_uploads'),
  late: ({ counted }) => counted.includes('late_events'),
  'compared, no alert': ({ outcome, counted }) =>
    outcome === 'no_alert' && counted.includes('judged'),
  'learned as a download': ({ learned }) => learned.some((one) => one.direction === 'download'),
  'learned as an upload': ({ learned }) => learned.some((one) => one.direction === 'upload'),
  'learned both ways': ({ learned }) => learned.length === 2,
  'learned without a host': ({ learned }) => learned.some(({ host }) => host === ''),
  'an alert both ways': (_, { steps }) =>
    steps.some(({ step, lines }) => step === 'level' && /told in `also`/.test(lines.join())),
  'judged, not learned, because of an exclusion': (_, { steps }) => says(steps, 'learn: false'),
  'judged, not learned, because of its case': (_, { steps }) => says(steps, 'in another case'),
  'the baseline is not ready': (_, { verdict }) => /the baseline is not/.test(verdict.sentence),
  'not large': (_, { verdict }) => /it is not large/.test(verdict.sentence),
  'a known host': (_, { verdict }) => /the host is known/.test(verdict.sentence),
  'not a JPEG': (_, { verdict }) => /it is not a JPEG/.test(verdict.sentence),
  'not parsed': (_, { verdict }) => /it cannot be judged/.test(verdict.sentence),
};

function says(steps: ReturnType<Both['explained']>['steps'], text: string): boolean {
  return steps.some(({ step, lines }) => step === 'learning' && lines.join().includes(text));
}

/** What counters say of an event that explain must give as the reason. */
const reasons: Readonly<Record<string, RegExp>> = {
  not_judged_feed: /^no alert: the feed .* is switched off$/,
  not_judged_truncated: /^no alert: the event was cut/,
  jpeg_without_url: /^no alert: it is a JPEG by its type, but has no URL$/,
  jpeg_not_uploads: /^no alert: it is no upload/,
};

t.test('explain says before what the detector does after', async (t) => {
  t.comment(`seeds ${firstSeed} to ${firstSeed + configs - 1} (STEGWATCH_SEED=${firstSeed})`);
  const occurred = new Map(Object.keys(kinds).map((kind) => [kind, 0]));
  let events = 0;
  for (let seed = firstSeed; seed < firstSeed + configs; seed++) {
    const random = randomFrom(seed);
    const both = new Both(random);
    for (const event of randomEvents(random, startMs, eventsPerConfig)) {
      events++;
      const explained = both.explained(event);
      const { counted, ...judged } = both.judged();
      const said = `seed ${seed}: ${event.frame}`;
      // Thousands of assertions that pass would take most of the time.
      if (!isDeepStrictEqual(explained.said, judged)) {
        t.comment(explained.steps);
        return t.strictSame(explained.said, judged, said);
      }
      for (const [counter, reason] of Object.entries(reasons)) {
        const { sentence } = explained.verdict;
        if (counted.includes(counter) && !reason.test(sentence))
          return t.match(sentence, reason, said);
      }
      const raised = explained.verdict.outcome === 'alert';
      if (raised === explained.verdict.needed.length > 0) {
        return t.fail(`${said}: ${explained.verdict.needed}`);
      }
      for (const [kind, is] of Object.entries(kinds)) {
        if (is({ ...judged, counted }, explained)) occurred.set(kind, occurred.get(kind)! + 1);
      }
    }
  }
  t.equal(events, configs * eventsPerConfig);
  const seldom = [...occurred].filter(([, times]) => times < 50);
  t.comment(Object.fromEntries(occurred));
  t.strictSame(seldom, [], 'each kind occurred 50 times at least');
});
