/**
 * Judges old logs under one setting after the other. All would-be alerts are found, those that an
 * exclusion holds back among them; which those are is told afterwards, since only what the excluded
 * teach the baseline needs another run.
 */
import type { DetectionConfig, ExclusionConfig } from '../../config/config.js';
import { isReady } from '../../detect/warm-up.js';
import type { Threshold } from '../../stages.js';
import type { JpegEvents } from '../logs/jpeg-events.js';
import { type AlertingSide, type Finding, judgeEach } from '../logs/verdicts.js';
import type { EventDetails } from './details.js';
import type { Setting } from './settings.js';

const msPerDay = 86_400_000;

export interface Outcome {
  /** Would-be alerts that no exclusion holds back, in order of time: those that `hunt` lists. */
  readonly alerts: readonly Finding[];
  /** Would-be alerts that an exclusion holds back. */
  readonly excluded: readonly Finding[];
  /** UTC days (epoch days) in which the baseline was ready. */
  readonly judgedDays: number;
  /** One for each side of the events, at the last event; empty if there is none. */
  readonly thresholds: readonly Threshold[];
}

/** What one pass over the events gives. */
interface Pass {
  readonly detection: DetectionConfig;
  readonly learned: Uint8Array;
  readonly findings: readonly Finding[];
  readonly judgedDays: number;
  readonly thresholds: readonly Threshold[];
}

export class Runs {
  readonly #events: JpegEvents;
  readonly #details: EventDetails;
  readonly #exclusions: readonly ExclusionConfig[];
  readonly #noneExcluded: Uint8Array;
  /** Of the running setting, which many rows share. */
  readonly #base: Pass;

  /** @param events read without exclusions */
  constructor(
    events: JpegEvents,
    details: EventDetails,
    exclusions: readonly ExclusionConfig[],
    running: Setting,
  ) {
    this.#events = events;
    this.#details = details;
    this.#exclusions = exclusions;
    this.#noneExcluded = new Uint8Array(events.timesMs.length);
    this.#base = this.#pass(running.detection, this.#learnedWith(running.off));
  }

  outcome({ detection, off }: Setting): Outcome {
    const learned = this.#learnedWith(off);
    const shared = sameRun(this.#base, detection, learned);
    const pass = shared ? this.#base : this.#pass(detection, learned);
    const alerts: Finding[] = [];
    const excluded: Finding[] = [];
    const { sets, setOf } = this.#details;
    for (const finding of atLeast(pass.findings, detection.minimumBytes)) {
      const held = sets[setOf[finding.index]!]!.some((exclusion) => !off.has(exclusion));
      (held ? excluded : alerts).push(finding);
    }
    const { judgedDays, thresholds } = pass;
    return { alerts, excluded, judgedDays, thresholds };
  }

  /** What the baseline learns if these exclusions are off: the first that matches decides. */
  #learnedWith(off: ReadonlySet<number>): Uint8Array {
    const { sets, setOf } = this.#details;
    const teaches = sets.map((set) => {
      const first = set.find((exclusion) => !off.has(exclusion));
      return first === undefined || this.#exclusions[first]!.learn;
    });
    const { learned } = this.#events;
    return Uint8Array.from(setOf, (set, index) => (teaches[set] ? learned[index]! : 0));
  }

  #pass(detection: DetectionConfig, learned: Uint8Array): Pass {
    const { timesMs } = this.#events;
    // Below every minimum, so that what is large under each of them can be told from this pass.
    const lowest = minimumMatters(detection) ? detection : { ...detection, minimumBytes: 0 };
    let judgedDays = 0;
    let lastJudgedDay = Number.NaN;
    const events = { ...this.#events, excluded: this.#noneExcluded, learned };
    const { findings, thresholds } = judgeEach(events, lowest, (index, comparisons) => {
      const day = Math.floor(timesMs[index]! / msPerDay);
      if (day === lastJudgedDay) return;
      if (!comparisons.some((one) => one !== null && isReady(one.threshold, detection))) return;
      lastJudgedDay = day;
      judgedDays++;
    });
    return { detection, learned, findings, judgedDays, thresholds };
  }
}

/** Only there does `minimum_bytes` decide what is learned. */
function minimumMatters({ newSource }: DetectionConfig): boolean {
  return newSource === 'large_host';
}

function sameRun(pass: Pass, detection: DetectionConfig, learned: Uint8Array): boolean {
  const { percentileMilli, newSource, minimumBytes } = pass.detection;
  return (
    percentileMilli === detection.percentileMilli &&
    newSource === detection.newSource &&
    (!minimumMatters(detection) || minimumBytes === detection.minimumBytes) &&
    Buffer.compare(pass.learned, learned) === 0
  );
}

function* atLeast(findings: readonly Finding[], minimumBytes: number): Generator<Finding> {
  for (const { index, sides } of findings) {
    const [first, ...others] = sides.filter(({ bytes }: AlertingSide) => bytes >= minimumBytes);
    if (first !== undefined) yield { index, sides: [first, ...others] };
  }
}
