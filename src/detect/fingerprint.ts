/**
 * Names the settings that decide which events become observations, and what size and host they carry. A
 * bucket made under another fingerprint is set aside, never mixed in. Host normalisation and the other
 * kinds of `new_source` are not part of it: buckets keep hosts as received, and keys are derived anew.
 */
import { createHash } from 'node:crypto';
import type { DetectionConfig } from '../config/config.js';

/** @param reading how events are read, in a form to compare as JSON */
export function observationFingerprint(detection: DetectionConfig, reading: unknown): string {
  const { jpeg, skip, percentileMilli, lookbackHours, holdbackHours, minimumBytes } = detection;
  const made = {
    jpeg: { ...jpeg, urlSuffixes: asSet(jpeg.urlSuffixes), fileTypes: asSet(jpeg.fileTypes) },
    hostFallback: detection.hostFallback,
    time: detection.time,
    reading,
    placeholders: asSet(detection.placeholders),
    zeroIsMissing: detection.zeroIsMissing,
    mostSuspicious: detection.mostSuspicious,
    skip: {
      methods: asSet(skip.methods),
      statuses: asSet(skip.statuses),
      actions: asSet(skip.actions),
    },
    // With it a bucket holds the hosts of large JPEGs alone, and these settings say what is large.
    large:
      detection.newSource === 'large_host'
        ? { percentileMilli, lookbackHours, holdbackHours, minimumBytes }
        : null,
  };
  return createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 16);
}

/** The order in which they are listed decides nothing. */
function asSet(list: readonly string[]): readonly string[] {
  return [...new Set(list)].sort();
}
