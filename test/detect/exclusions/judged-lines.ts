/**
 * Exclusions asked as in the sidecar: lines of syslog with CEF in them, through the real decoder and
 * the real detector, which makes the facts. The config is YAML text.
 */
import type { Config } from '../../../src/config/config.js';
import { loadConfig } from '../../../src/config/load.js';
import { createDecoder } from '../../../src/decode/decode.js';
import { createDetector } from '../../../src/detect/detector.js';
import { compileExclusions, type Exclusions } from '../../../src/detect/exclusions/exclusions.js';
import { Repeats } from '../../../src/detect/repeats/repeats.js';
import { createForwardEncoder } from '../../../src/encode/forward-entry.js';
import { createFeeds } from '../../../src/feeds/feeds.js';
import { Fields } from '../../../src/fields.js';
import { Counters } from '../../../src/observe/counters.js';
import type { Baseline } from '../../../src/stages.js';
import { Verdict } from '../../../src/verdict.js';

/** Received one minute after its stamp. */
export const receivedAtMs = Date.UTC(2026, 10, 24, 10, 1);

/** A line whose extension is this text, as a device writes it: escapes are the caller's. */
export function lineOf(extension: string): string {
  return `<134>Nov 24 10:00:00 proxy1 CEF:0|Acme|Gate|1.0|100|Page seen|3|${extension}`;
}

export interface JudgedLine {
  readonly verdict: Verdict;
  /** Names of the exclusions that `match` gave, asked by the detector. */
  readonly matched: readonly string[];
  /** Sizes that the baseline learned. */
  readonly learned: readonly number[];
}

export interface Judge {
  readonly exclusions: Exclusions;
  judge(line: string, atMs?: number): JudgedLine;
}

/** A sidecar's detection under this config. Every JPEG over 1,000 bytes is large, every host new. */
export function judgeUnder(yaml: string): Judge {
  const check = (made: Config) => compileExclusions(made.exclusions).problems;
  const config: Config = loadConfig({ text: yaml, env: {}, check });
  const { detection } = config;
  const { exclusions } = compileExclusions(config.exclusions);
  const counters = new Counters();
  const [matched, learned]: [string[], number[]] = [[], []];
  const feeds = createFeeds({ feeds: config.feeds, feedProfiles: detection.feedProfiles });
  const baseline: Baseline = {
    threshold: () => ({ bytes: 1000, samples: 1000, hours: 144, fromMs: 1, toMs: 2 }),
    hostState: () => 'never_seen',
    firstSeenMs: () => 0,
    learn: (_hour, bytes) => void learned.push(bytes),
  };
  const detector = createDetector({
    detection,
    exclusions: noting(exclusions, matched),
    feeds,
    baselines: { download: baseline },
    // Repeats are another matter.
    repeats: new Repeats({ suppress: { ...detection.suppress, by: [] }, counters }),
    counters,
  });
  const decode = createDecoder({ counters, feeds });
  const { names, resolveLabels, raw } = config.forward.fluentd;
  const encoder = createForwardEncoder({ names, resolveLabels, raw, feeds, counters });
  const fields = new Fields(4096);
  const judge = (line: string, atMs = receivedAtMs): JudgedLine => {
    const bytes = Buffer.from(line);
    const verdict = new Verdict();
    matched.length = 0;
    learned.length = 0;
    decode(bytes, 0, bytes.length, bytes.length, atMs, { address: '192.0.2.1' }, fields);
    detector.judge(fields, verdict);
    encoder.entry(fields, verdict, Buffer.alloc(encoder.maxEntryBytes(bytes.length)), 0);
    return { verdict, matched: [...matched], learned: [...learned] };
  };
  return { exclusions, judge };
}

/** The same, and notes what `match` answers. */
function noting(exclusions: Exclusions, names: string[]): Exclusions {
  return {
    keepFromLearning: exclusions.keepFromLearning,
    match: (facts, atMs) => {
      const found = exclusions.match(facts, atMs);
      if (found !== null) names.push(found.name);
      return found;
    },
    matches: (facts, atMs) => exclusions.matches(facts, atMs),
    explain: (facts, atMs) => exclusions.explain(facts, atMs),
    observe: (facts) => exclusions.observe(facts),
    report: () => exclusions.report(),
  };
}
