/**
 * The two presets. `sentinel` gives the verdicts of the hunting query to the letter; `recommended`
 * mends what the query misses. Values are as one would write them in YAML; a key in the file wins.
 */
export type PresetName = 'sentinel' | 'recommended';

export const defaultPreset: PresetName = 'recommended';

/** By the key's path below `detection`. */
export const presets = {
  sentinel: {
    'jpeg.url_suffixes': ['.jpg'],
    'jpeg.ignore_query': false,
    'jpeg.file_types': ['Jpeg Files'],
    new_source: 'host',
    normalize_host: false,
    host_fallback: false,
    feed_profiles: false,
    placeholders: [],
    zero_bytes: 'size',
    duplicate_keys: 'last',
    'skip.methods': [],
    'skip.statuses': [],
    'skip.actions': [],
    'suppress.by': 'none',
    minimum_bytes: '0B',
    minimum_samples: 1,
    minimum_history: '0h',
  },
  recommended: {
    'jpeg.url_suffixes': ['.jpg', '.jpeg', '.jpe', '.jfif', '.pjpeg', '.pjp'],
    'jpeg.ignore_query': true,
    'jpeg.file_types': ['Jpeg Files', 'image/jpeg', 'image/pjpeg', 'jpg', 'jpeg'],
    new_source: 'registrable_domain',
    normalize_host: true,
    host_fallback: true,
    feed_profiles: true,
    placeholders: ['-', 'None', 'N/A', 'Unknown'],
    zero_bytes: 'missing',
    duplicate_keys: 'most_suspicious',
    'skip.methods': ['HEAD', 'OPTIONS', 'CONNECT'],
    'skip.statuses': ['1xx', '3xx', '4xx', '5xx'],
    'skip.actions': ['block', 'deny', 'denied', 'drop', 'reset', 'reject', 'refuse', 'quarantine'],
    'suppress.by': 'host',
    minimum_bytes: '256KiB',
    minimum_samples: 100,
    minimum_history: '3d',
  },
} as const satisfies Record<PresetName, Readonly<Record<string, unknown>>>;

export type PresetKey = keyof (typeof presets)['sentinel'];
