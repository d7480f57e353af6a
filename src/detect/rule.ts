/**
 * The rule itself, on the parts of one JPEG event, for the sidecar and for `hunt` alike: what the event
 * says, and whether that is abnormally large and from a new source.
 */
import type { DetectionConfig, ExclusionConfig } from '../config/config.js';
import { keyId } from '../dictionary/dictionary.js';
import { type Fields, Problem } from '../fields.js';
import type { Threshold } from '../stages.js';
import { filenameOf } from './alert.js';
import { boundedHost, hostOf } from './host.js';
import { JpegTestResult } from './jpeg.js';
import { receivedBytes } from './size.js';
import { trimmedText } from './trimmed-text.js';
import { isReady } from './warm-up.js';

const requestId = keyId('request');
const accountId = keyId('suser');

export interface JpegEvent {
  readonly url: string;
  readonly filename: string;
  readonly account: string;
  /** As received, '' if there is none. */
  readonly host: string;
  /** What the baseline knows it by: `host`, bounded. */
  readonly learnedHost: string;
  /** NaN if there is none. */
  readonly bytes: number;
}

/**
 * True if the fields can be trusted to be what the sender meant: CEF with a whole header, not cut. Text
 * before the first key, or more fields than are kept, leave the others as they are.
 */
export function isJudgeable(fields: Fields): boolean {
  return (
    fields.isCef &&
    (fields.problem === Problem.none ||
      fields.problem === Problem.textBeforeFirstKey ||
      fields.problem === Problem.tooManyFields)
  );
}

export function readJpegEvent(fields: Fields, detection: DetectionConfig): JpegEvent {
  const url = trimmedText(fields, requestId);
  const host = hostOf(fields, url, detection);
  return {
    url,
    filename: filenameOf(url),
    account: trimmedText(fields, accountId),
    host,
    learnedHost: boundedHost(host),
    bytes: receivedBytes(fields),
  };
}

/** True if there is a size, and a baseline fit to be compared with. */
export function isCompared(
  bytes: number,
  threshold: Threshold,
  detection: DetectionConfig,
): boolean {
  return !Number.isNaN(bytes) && isReady(threshold, detection);
}

/** Strictly larger than the threshold, and no smaller than `minimum_bytes`; NaN is neither. */
export function isLarge(bytes: number, threshold: Threshold, detection: DetectionConfig): boolean {
  if (!isCompared(bytes, threshold, detection)) return false;
  return bytes > threshold.bytes! && bytes >= detection.minimumBytes;
}

/** @param exclusion the one that matches the event, if any */
export function isLearned(jpeg: JpegTestResult, exclusion: ExclusionConfig | null): boolean {
  if (jpeg !== JpegTestResult.judgedAndLearned) return false;
  return exclusion === null || exclusion.learn;
}
