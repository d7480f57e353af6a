/**
 * What `run` looks at once a minute and tells once: feeds that cannot be judged, exclusions that are dead,
 * a baseline that will not become ready by waiting.
 */
import type { DetectionConfig } from '../config/config.js';
import type { Exclusions } from '../detect/exclusions/exclusions.js';
import type { WarmUp } from '../detect/warm-up.js';
import { JudgeabilityWatch } from '../feeds/judgeability.js';
import type { Logger } from '../observe/log.js';
import type { Feeds } from '../stages.js';

export class Watch {
  readonly #feeds: Feeds;
  readonly #exclusions: Exclusions;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #judgeability: JudgeabilityWatch;
  readonly #toldDead = new Set<string>();
  readonly #toldStuck = new Set<string>();

  constructor(parts: {
    readonly detection: DetectionConfig;
    readonly feeds: Feeds;
    readonly exclusions: Exclusions;
    readonly log: Pick<Logger, 'warn'>;
  }) {
    this.#feeds = parts.feeds;
    this.#exclusions = parts.exclusions;
    this.#log = parts.log;
    this.#judgeability = new JudgeabilityWatch(parts.detection, (facts, text) =>
      parts.log.warn({ code: 'FEED_NOT_JUDGED', ...facts }, text),
    );
  }

  /** @param baselines by the name under which the status line has them */
  check(nowMs: number, baselines: Readonly<Record<string, WarmUp>>): void {
    this.#judgeability.check(this.#feeds.seen(), nowMs);
    for (const { name, status, words } of this.#exclusions.report()) {
      if (status !== 'dead' || this.#toldDead.has(name)) continue;
      this.#toldDead.add(name);
      this.#log.warn({ code: 'EXCLUSION_DEAD', exclusion: name }, `exclusion ${name}: ${words}`);
    }
    for (const [name, { stuck, text }] of Object.entries(baselines)) {
      if (!stuck || this.#toldStuck.has(name)) continue;
      this.#toldStuck.add(name);
      this.#log.warn({ code: 'BASELINE_STUCK', baseline: name }, `${name}: ${text}`);
    }
  }
}
