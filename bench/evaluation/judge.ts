/** The real decoder, detector and baseline under one setting, fed frame by frame. */
import { BucketBaseline } from '../../src/baseline/baseline.js';
import type { Config } from '../../src/config/config.js';
import { createDecoder } from '../../src/decode/decode.js';
import { createDetector } from '../../src/detect/detector.js';
import { hostKeyFor } from '../../src/detect/event/host.js';
import { judgedDirections } from '../../src/detect/event/jpeg-event.js';
import { compileExclusions } from '../../src/detect/exclusions/exclusions.js';
import { Repeats } from '../../src/detect/repeats/repeats.js';
import { createFeeds } from '../../src/feeds/feeds.js';
import { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { Verdict } from '../../src/verdict.js';

const peer = { address: '-' };

/** The verdict is good until the next call. */
export type Judge = (frame: Buffer, receivedAtMs: number) => Verdict;

export function judgeOf(config: Config): Judge {
  const { detection } = config;
  const counters = new Counters();
  const { exclusions, problems } = compileExclusions(config.exclusions);
  if (problems.length > 0) throw new Error(`bad exclusion: ${problems[0]!.message}`);
  const feeds = createFeeds({ feeds: config.feeds, feedProfiles: detection.feedProfiles });
  const baselines = Object.fromEntries(
    judgedDirections(detection.direction).map((direction) => [
      direction,
      new BucketBaseline({
        lookbackHours: detection.lookbackHours,
        holdbackHours: detection.holdbackHours,
        percentileMilli: detection.percentileMilli,
        maxHosts: 30_000,
        hostKey: hostKeyFor(detection),
        fingerprint: '-',
        counters,
        store: null,
      }),
    ]),
  );
  const repeats = new Repeats({ suppress: detection.suppress, counters });
  const decode = createDecoder({ counters, feeds });
  const detector = createDetector({ detection, exclusions, feeds, baselines, repeats, counters });
  const fields = new Fields(64);
  const verdict = new Verdict();
  return (frame, receivedAtMs) => {
    verdict.clear();
    decode(frame, 0, frame.length, frame.length, receivedAtMs, peer, fields);
    detector.judge(fields, verdict);
    return verdict;
  };
}
