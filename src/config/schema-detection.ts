/**
 * The part of the schema that says what is judged: `detection`. Keys of a preset have no default of their
 * own.
 */
import { z } from 'zod';
import { defaultPreset } from './presets.js';
import {
  checkedBy,
  duration,
  hours,
  line,
  section,
  size,
  spelled,
  wholeNumber,
} from './value-kinds.js';

const TiB = 1024 ** 4;
const hour = 3_600_000;
const day = 24 * hour;
/** Bounds the memory of the baseline: one bit per hour and host. */
const maxLookbackHours = 90 * 24;

const jpeg = section({
  url_suffixes: z
    .array(spelled(/^\.[!-~]{1,31}$/, 'must be a dot and up to 31 characters, as .jpg'))
    .max(100)
    .optional()
    .describe('Ends of a URL that mean JPEG, in any case; by preset'),
  ignore_query: z
    .boolean()
    .optional()
    .describe('Cut the URL at ? or # before its end is looked at; by preset'),
  file_types: z
    .array(line(256))
    .max(1000)
    .optional()
    .describe('Values of fileType that mean JPEG, in any case; by preset'),
});

const statusWords = 'must be a status such as 304, or 4xx';
const statusText = z.string().meta(checkedBy('^[1-5](?:[xX][xX]|\\d\\d)$', statusWords));
const statusNumber = z.number().meta({ multipleOf: 1, minimum: 100, maximum: 599 });

const skip = section({
  methods: z
    .array(spelled(/^[A-Za-z]{1,32}$/, 'must be a method, such as HEAD'))
    .max(100)
    .optional()
    .describe('Request methods of downloads that are skipped; by preset'),
  statuses: z
    .array(
      z.union([statusText, statusNumber]).transform((status, context) => {
        if (/^[1-5](xx|\d\d)$/i.test(`${status}`)) return `${status}`;
        context.addIssue({ code: 'custom', message: statusWords });
        return z.NEVER;
      }),
    )
    .max(600)
    .optional()
    .describe('Response statuses of downloads that are skipped; by preset'),
  actions: z
    .array(spelled(/^[A-Za-z]{2,32}$/, 'must be the beginning of a word, such as block'))
    .max(100)
    .optional()
    .describe('Beginnings of words in the action of what is skipped; by preset'),
});

const repeatBy = z.enum(['host', 'user', 'file']);
const suppress = section({
  by: z
    .union([repeatBy, z.array(repeatBy).max(3).meta({ uniqueItems: true }), z.literal('none')], {
      error: 'must be host, user or file, a list of these, or none',
    })
    .transform((by) => (Array.isArray(by) ? by : by === 'none' ? [] : [by]))
    .refine((by) => new Set(by).size === by.length, 'must name each only once')
    .optional()
    .describe('What two alerts must share for the second to be a repeat; by preset'),
  window: duration(1000, 365 * day)
    .prefault('24h')
    .describe('How long after an alert its repeats are held back'),
  max_alerts: wholeNumber(1, 1_000_000)
    .prefault(50_000)
    .describe('Alerts remembered; above it those longest ago are forgotten'),
});

const points = (value: number) => wholeNumber(0, 100).prefault(value);
const level = section({
  ratios: z
    .array(z.number().min(1).max(1e6))
    .max(20)
    .refine(ascends, 'must ascend, each number above the one before')
    .prefault([3, 10, 30])
    .describe('Times over the threshold; each one reached is a point'),
  never_seen: points(1).describe('Points of a host that was never seen, not even lately'),
  mismatch: points(2).describe('Points where type and name disagree'),
  upload: points(1).describe('Points of an upload'),
  medium: points(1).describe('Points from which the level is medium'),
  high: points(3).describe('Points from which the level is high'),
  critical: points(5).describe('Points from which the level is critical'),
});

export const detection = section({
  preset: z
    .enum(['sentinel', 'recommended'])
    .prefault(defaultPreset)
    .describe('sentinel: the hunting query to the letter; recommended: its gaps mended'),
  direction: z
    .enum(['download', 'upload', 'both'])
    .prefault('download')
    .describe('Whose bytes are judged: those received, those sent, or both'),
  percentile: z
    .number()
    .refine(isPercentile, 'must be above 0, below 100 and have at most 3 decimals')
    .meta({ exclusiveMinimum: 0, exclusiveMaximum: 100 })
    .prefault(95)
    .describe('Nearest-rank percentile of the sizes in the lookback; larger is large'),
  lookback: hours(2, maxLookbackHours)
    .prefault('7d')
    .describe('Age of the oldest hour that an event is compared with'),
  holdback: hours(1, maxLookbackHours)
    .prefault('1d')
    .describe('The newest part of the lookback, which vouches for nothing yet'),
  time: z
    .enum(['received', 'event'])
    .prefault('received')
    .describe('The clock: time of receipt, or the time in the event'),
  max_future: duration(0, day)
    .prefault('5m')
    .describe('How far an event time may be ahead of the wall clock (time: event)'),
  max_lateness: duration(0, maxLookbackHours * hour)
    .prefault('1h')
    .describe('How far an event may lag; later ones count as of now (time: event)'),
  jpeg: jpeg.describe('What a JPEG is'),
  new_source: z
    .enum(['host', 'registrable_domain', 'large_host'])
    .optional()
    .describe(
      'What must not have been seen: host, its domain, or host with a large JPEG; by preset',
    ),
  normalize_host: z
    .boolean()
    .optional()
    .describe('Compare hosts in lower case, without port and last dot, in punycode; by preset'),
  host_fallback: z
    .boolean()
    .optional()
    .describe('Without a host field take the host of the URL, then dst; by preset'),
  feed_profiles: z.boolean().optional().describe('Use the table of feeds that ships; by preset'),
  placeholders: z
    .array(line(64))
    .max(100)
    .optional()
    .describe('Texts, in any case, that mean "no host" and "no URL"; by preset'),
  zero_bytes: z
    .enum(['size', 'missing'])
    .optional()
    .describe('Whether 0 bytes are a size or a missing one; by preset'),
  duplicate_keys: z
    .enum(['last', 'most_suspicious'])
    .optional()
    .describe('Which value of a key that occurs twice is judged; by preset'),
  skip: skip.describe('What neither alerts nor teaches'),
  suppress: suppress.describe('Which alerts are repeats of one before'),
  level: level.describe('Points that make the level of an alert'),
  minimum_bytes: size(0, TiB).optional().describe('Smaller JPEGs never alert; by preset'),
  minimum_samples: wholeNumber(1, 1_000_000_000)
    .optional()
    .describe('Sizes that the lookback must hold before anything alerts; by preset'),
  minimum_history: hours(0, maxLookbackHours)
    .optional()
    .describe('Hours of the lookback that must hold data before anything alerts; by preset'),
});

function ascends(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number > numbers[at - 1]!);
}

/** A percentile is counted in thousandths of a percent, so that 99.9 is exact. */
function isPercentile(value: number): boolean {
  return value > 0 && value < 100 && /^\d+(\.\d{1,3})?$/.test(String(value));
}
