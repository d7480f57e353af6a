/**
 * Names the settings that decide which events become observations and what size they carry. A bucket
 * made under another fingerprint is set aside, never mixed in. `new_source` and host normalisation are
 * not part of it: buckets keep hosts as received, and keys are derived from them anew.
 */
import { createHash } from 'node:crypto';
import type { DetectionConfig } from '../config/config.js';

export function observationFingerprint(detection: DetectionConfig): string {
  const made = {
    jpeg: detection.jpeg,
    hostFallback: detection.hostFallback,
    time: detection.time,
  };
  return createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 16);
}
