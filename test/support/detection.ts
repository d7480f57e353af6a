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
  level: {
    ratios: [3, 10, 30],
    neverSeen: 1,
    mismatch: 2,
    upload: 1,
    medium: 1,
    high: 3,
    critical: 5,
  },
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
  feedProfiles: false,
  placeholders: [],
  zeroIsMissing: false,
  mostSuspicious: false,
  skip: { methods: [], statuses: [], actions: [] },
  suppress: { by: [], windowMs: 86_400_000, maxAlerts: 50_000 },
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
  feedProfiles: true,
  placeholders: ['-', 'none', 'n/a', 'unknown'],
  zeroIsMissing: true,
  mostSuspicious: true,
  skip: {
    methods: ['head', 'options', 'connect'],
    statuses: ['1xx', '3xx', '4xx', '5xx'],
    actions: ['block', 'deny', 'denied', 'drop', 'reset', 'reject', 'refuse', 'quarantine'],
  },
  suppress: { by: ['host'], windowMs: 86_400_000, maxAlerts: 50_000 },
  minimumBytes: 256 * 1024,
  minimumSamples: 100,
  minimumHistoryHours: 72,
};
