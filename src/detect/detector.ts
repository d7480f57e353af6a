/**
 * Judges one event, then lets the baseline learn it. For what is not a JPEG event, nearly all, it reads
 * a few bytes and makes nothing; strings exist for JPEG events only.
 *
 * It opens no socket, reads no wall clock and does no I/O: the same events with the same times give the
 * same verdicts. What the rule means is told in docs/detection.md.
 */
import type { DetectionConfig, ExclusionConfig } from '../config/config.js';
import type { Fields } from '../fields.js';
import type { Counters } from '../observe/counters.js';
import type { Baseline, Detector } from '../stages.js';
import type { Alert, Verdict } from '../verdict.js';
import { makeAlert } from './alert.js';
import { DetectionClock } from './clock.js';
import type { Exclusions } from './exclusions/exclusions.js';
import { JpegTest, JpegTestResult } from './jpeg.js';
import {
  isCompared,
  isJudgeable,
  isLarge,
  isLearned,
  type JpegEvent,
  readJpegEvent,
} from './rule.js';

const msPerHour = 3_600_000;

export interface DetectorOptions {
  readonly detection: DetectionConfig;
  readonly exclusions: Exclusions;
  readonly baseline: Baseline;
  readonly counters: Counters;
  /** Where the clock starts, epoch ms: the newest time learned before, if events tell the time. */
  readonly startMs?: number;
}

/** `clockMs` is the clock of detection, epoch ms; 0 before the first JPEG event. */
export function createDetector(options: DetectorOptions): Detector & { readonly clockMs: number } {
  return new StreamingDetector(options);
}

class StreamingDetector implements Detector {
  readonly #detection: DetectionConfig;
  readonly #exclusions: Exclusions;
  readonly #baseline: Baseline;
  readonly #counters: Counters;
  readonly #jpegTest: JpegTest;
  readonly #clock: DetectionClock;

  constructor({ detection, exclusions, baseline, counters, startMs }: DetectorOptions) {
    this.#detection = detection;
    this.#exclusions = exclusions;
    this.#baseline = baseline;
    this.#counters = counters;
    this.#jpegTest = new JpegTest(detection.jpeg);
    this.#clock = new DetectionClock(detection, counters, startMs);
  }

  get clockMs(): number {
    return this.#clock.ms;
  }

  judge(fields: Fields, into: Verdict): void {
    if (fields.truncated) {
      // What was cut off may have been the size, or a later duplicate of any key.
      this.#counters.not_judged_truncated++;
      return;
    }
    if (!isJudgeable(fields)) return;
    const jpeg = this.#jpegTest.of(fields);
    if (jpeg !== JpegTestResult.notJpeg) this.#judgeJpeg(fields, jpeg, into);
  }

  #judgeJpeg(fields: Fields, jpeg: JpegTestResult, into: Verdict): void {
    const event = readJpegEvent(fields, this.#detection);
    const atMs = this.#clock.momentOf(fields.eventTimeMs, fields.receivedAtMs);
    const hour = Math.floor(atMs / msPerHour);
    into.jpeg = true;
    into.hour = hour;
    this.#counters.jpeg_events++;
    if (Number.isNaN(event.bytes)) this.#counters.jpeg_without_bytes++;
    if (event.host === '') this.#counters.jpeg_without_host++;

    const alert = this.#applyRule(event, hour);
    // An exclusion is asked only where its answer matters: of a would-be alert, or of what to learn.
    const asked = alert !== null || this.#exclusions.keepFromLearning;
    const exclusion = asked ? this.#exclusions.match({ fields, ...event }, atMs) : null;
    if (alert !== null) this.#raise(alert, exclusion, into);
    if (isLearned(jpeg, exclusion)) {
      this.#baseline.learn(hour, event.bytes, event.learnedHost);
      this.#counters.observations++;
      Object.assign(into.download, { learned: true, bytes: event.bytes, host: event.learnedHost });
    }
  }

  /** The alert that this event calls for, exclusions aside. */
  #applyRule(event: JpegEvent, hour: number): Alert | null {
    const detection = this.#detection;
    const threshold = this.#baseline.threshold(hour);
    if (isCompared(event.bytes, threshold, detection)) this.#counters.judged++;
    if (!isLarge(event.bytes, threshold, detection)) return null;
    const absent = event.learnedHost === '';
    const hostState = absent ? 'absent' : this.#baseline.hostState(event.learnedHost, hour);
    if (hostState === 'known') return null;
    const firstSeenMs = absent ? 0 : this.#baseline.firstSeenMs(event.learnedHost);
    return makeAlert({ ...event, hostState, threshold, firstSeenMs }, detection);
  }

  #raise(alert: Alert, exclusion: ExclusionConfig | null, into: Verdict): void {
    if (exclusion === null) {
      into.alert = alert;
      this.#counters.alerts++;
    } else {
      into.suppressed = { by: 'exclusion', name: exclusion.name, reason: exclusion.reason };
      this.#counters.alerts_excluded++;
    }
  }
}
