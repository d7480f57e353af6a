/** Detection settings of both presets, as `config/load.ts` makes them, for tests of single stages. */
import type { DetectionConfig } from '../../src/config/config.js';

const shared = {
  altered: [],
  direction: 'download',
  percentileMilli: 95_000,
  lookbackHours: 168,
  holdbackHours: 24,
  time: 'received',
  maxFutureMs: 300_000,
  maxLatenessMs: 3_600_000,
} as const;

export const sentinel: DetectionConfig = {
  ...shared,
  preset: 'sentinel',
  jpeg: {
    urlSuffixes: ['.jpg'],
    ignoreQuery: false,
    fileTypes: ['Jpeg Files'],
    exactFileTypeInLookback: true,
  },
  newSource: 'host',
  normalizeHost: false,
  hostFallback: false,
  minimumBytes: 0,
  minimumSamples: 1,
  minimumHistoryHours: 0,
};

export const recommended: DetectionConfig = {
  ...shared,
  preset: 'recommended',
  jpeg: {
    urlSuffixes: ['.jpg', '.jpeg', '.jpe', '.jfif', '.pjpeg', '.pjp'],
    ignoreQuery: true,
    fileTypes: ['Jpeg Files', 'image/jpeg', 'image/pjpeg', 'jpg', 'jpeg'],
    exactFileTypeInLookback: false,
  },
  newSource: 'registrable_domain',
  normalizeHost: true,
  hostFallback: true,
  minimumBytes: 256 * 1024,
  minimumSamples: 100,
  minimumHistoryHours: 72,
};
