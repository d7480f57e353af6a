/** What `run` looks at once a minute and tells once: feeds that cannot be judged, exclusions that are dead. */
import type { DetectionConfig } from '../config/config.js';
import type { Exclusions } from '../detect/exclusions/exclusions.js';
import { JudgeabilityWatch } from '../feeds/judgeability.js';
import type { Feeds } from '../stages.js';

type Warn = (facts: object, text: string) => void;

export class Watch {
  readonly #feeds: Feeds;
  readonly #exclusions: Exclusions;
  readonly #warn: Warn;
  readonly #judgeability: JudgeabilityWatch;
  readonly #toldDead = new Set<string>();

  constructor(parts: {
    readonly detection: DetectionConfig;
    readonly feeds: Feeds;
    readonly exclusions: Exclusions;
    readonly warn: Warn;
  }) {
    this.#feeds = parts.feeds;
    this.#exclusions = parts.exclusions;
    this.#warn = parts.warn;
    this.#judgeability = new JudgeabilityWatch(parts.detection, parts.warn);
  }

  check(nowMs: number): void {
    this.#judgeability.check(this.#feeds.seen(), nowMs);
    for (const { name, status, words } of this.#exclusions.report()) {
      if (status !== 'dead' || this.#toldDead.has(name)) continue;
      this.#toldDead.add(name);
      this.#warn({ exclusion: name }, `exclusion ${name}: ${words}`);
    }
  }
}
