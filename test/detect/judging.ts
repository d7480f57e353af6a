/** A detector on exact baselines, for tests of verdicts. */
import type { DetectionConfig, ExclusionConfig, FeedConfig } from '../../src/config/config.js';
import { createDetector } from '../../src/detect/detector.js';
import { hostKeyFor } from '../../src/detect/event/host.js';
import { ExactBaseline } from '../../src/detect/exact-baseline.js';
import type { EventFacts } from '../../src/detect/exclusions/event-facts.js';
import { Repeats } from '../../src/detect/repeats/repeats.js';
import { createFeeds } from '../../src/feeds/feeds.js';
import type { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { Verdict } from '../../src/verdict.js';
import type { EventOptions } from '../support/event-builder.js';
import { buildFields, type WholeEvent } from '../support/fields-builder.js';

export const hour = 3_600_000;
export const now = Date.UTC(2026, 10, 24, 12, 30);

export type Pairs = Record<string, string> | [string, string][];

export function make(
  detection: DetectionConfig,
  match: (event: EventFacts, atMs: number) => ExclusionConfig | null = () => null,
  keepFromLearning = true,
  feedConfigs: readonly FeedConfig[] = [],
) {
  const counters = new Counters();
  const baseline = new ExactBaseline(detection, hostKeyFor(detection));
  const uploads = new ExactBaseline(detection, hostKeyFor(detection));
  let asked = 0;
  const exclusions = {
    keepFromLearning,
    matches: () => [],
    explain: () => [],
    observe: () => {},
    report: () => [],
    match: (facts: EventFacts, atMs: number) => {
      asked++;
      return match(facts, atMs);
    },
  };
  const { suppress, feedProfiles } = detection;
  const feeds = createFeeds({ feeds: feedConfigs, feedProfiles });
  const detector = createDetector({
    detection,
    exclusions,
    feeds,
    baselines: { download: baseline, upload: uploads },
    repeats: new Repeats({ suppress, counters }),
    counters,
  });
  const judgeFields = (fields: Fields): Verdict => {
    const verdict = new Verdict();
    detector.judge(fields, verdict);
    return verdict;
  };
  const judge = (pairs: Pairs, options: EventOptions & WholeEvent = {}) =>
    judgeFields(buildFields(pairs, { receivedAtMs: now, ...options }));
  /** A history of `count` JPEGs of 1..count bytes from `known.example`, over many hours. */
  const history = (count = 100, unit = 1, into = baseline) => {
    for (let i = 1; i <= count; i++) {
      const receivedAtMs = now - 30 * hour - (i % 100) * hour;
      into.learn(Math.floor(receivedAtMs / hour), i * unit, 'known.example');
    }
  };
  const held = { detector, baseline, uploads, feeds, counters };
  return { ...held, judge, judgeFields, history, asked: () => asked };
}

export const jpeg = (bytes: number | string, dhost = 'new.example') => ({
  request: `http://${dhost}/img/a.jpg`,
  in: String(bytes),
  dhost,
  suser: 'alice',
});
