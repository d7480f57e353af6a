/**
 * Names the settings that decide which events become observations, and what size and host they carry. A
 * bucket made under another fingerprint is set aside, never mixed in. Host normalisation and the other
 * kinds of `new_source` are not part of it: buckets keep hosts as received, and keys are derived anew.
 */
import { createHash } from 'node:crypto';
import type { DetectionConfig } from '../config/config.js';

/** @param feeds what profiles are made of, in a form that JSON can tell apart */
export function observationFingerprint(detection: DetectionConfig, feeds: object): string {
  const { percentileMilli, lookbackHours, holdbackHours, minimumBytes } = detection;
  const made = {
    jpeg: detection.jpeg,
    hostFallback: detection.hostFallback,
    time: detection.time,
    feeds,
    placeholders: detection.placeholders,
    zeroIsMissing: detection.zeroIsMissing,
    mostSuspicious: detection.mostSuspicious,
    skip: detection.skip,
    // With it a bucket holds the hosts of large JPEGs alone, and these settings say what is large.
    large:
      detection.newSource === 'large_host'
        ? { percentileMilli, lookbackHours, holdbackHours, minimumBytes }
        : null,
  };
  return createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 16);
}
