/** Puts rows of traffic through the real decoder and detector, as lines, in order of time. */
import type { DetectionConfig } from '../../src/config/config.js';
import { createDecoder } from '../../src/decode/decode.js';
import { createDetector } from '../../src/detect/detector.js';
import { compileExclusions } from '../../src/detect/exclusions/exclusions.js';
import { Repeats } from '../../src/detect/repeats/repeats.js';
import { createFeeds } from '../../src/feeds/feeds.js';
import { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import type { Baseline } from '../../src/stages.js';
import { Verdict } from '../../src/verdict.js';
import { cefLine, type Row } from './traffic.js';

export class Stream {
  readonly counters = new Counters();
  readonly #fields = new Fields(64);
  readonly #verdict = new Verdict();
  readonly #decode = createDecoder({ counters: this.counters });
  readonly #detector;

  constructor(
    detection: DetectionConfig,
    baseline: Baseline,
    exclusions = compileExclusions([]).exclusions,
  ) {
    const { counters } = this;
    this.#detector = createDetector({
      detection,
      exclusions,
      feeds: createFeeds({ feeds: [], feedProfiles: detection.feedProfiles }),
      baselines: { download: baseline },
      repeats: new Repeats({ suppress: detection.suppress, counters }),
      counters,
    });
  }

  /** The verdict is good until the next call. */
  judge(row: Row): Verdict {
    const frame = Buffer.from(cefLine(row));
    const verdict = this.#verdict;
    verdict.clear();
    const peer = { address: '-' };
    this.#decode(frame, 0, frame.length, frame.length, row.timeMs, peer, this.#fields);
    this.#detector.judge(this.#fields, verdict);
    return verdict;
  }
}
