/** The effective detection in plain words, for `validate`. */
import type { DetectionConfig, FeedConfig } from './config.js';
import { formatDuration, formatSize } from './units.js';
import { type Row, words } from './words.js';

/** `sentinel`, or `sentinel, altered: percentile, jpeg.ignore_query`. */
export function describePreset({ preset, altered }: DetectionConfig): string {
  return altered.length === 0 ? preset : `${preset}, altered: ${altered.join(', ')}`;
}

export function detectionRows(detection: DetectionConfig): Row[] {
  const { lookbackHours, holdbackHours, minimumHistoryHours } = detection;
  return [
    ['preset', describePreset(detection)],
    ['direction', direction(detection)],
    ['clock', clock(detection)],
    [
      'large',
      `more bytes than percentile ${detection.percentileMilli / 1000} (nearest rank) of all ` +
        'JPEGs in the lookback: one threshold for the estate',
    ],
    [
      'lookback',
      `${lookbackHours - holdbackHours} UTC hours: from ${lookbackHours}h to ${holdbackHours}h ` +
        'before the hour that is judged',
    ],
    ['jpeg', jpeg(detection)],
    ['new source', newSource(detection)],
    ['host', host(detection)],
    ['size', size(detection)],
    [
      'minimums',
      `a JPEG of ${formatSize(detection.minimumBytes)}; in the lookback ` +
        `${countOf(detection.minimumSamples, 'size')} and ` +
        `${countOf(minimumHistoryHours, 'hour')} with data`,
    ],
    ['skipped', skipped(detection)],
    ['repeats', repeats(detection)],
    ['level', level(detection)],
  ];
}

function clock({ time, maxFutureMs, maxLatenessMs }: DetectionConfig): string {
  if (time === 'received') return 'time of receipt';
  return (
    `time of the event (rt, else the syslog stamp), at most ${formatDuration(maxFutureMs)} ahead ` +
    `of the wall clock; what lags more than ${formatDuration(maxLatenessMs)} counts as of now`
  );
}

function jpeg({ jpeg: rule }: DetectionConfig): string {
  const exact = rule.exactFileTypeInLookback ? ', in the lookback as spelled here' : '';
  const types = `fileType is ${words(rule.fileTypes)} (any case${exact})`;
  const cut = rule.ignoreQuery ? ', cut at ? or #,' : '';
  const suffixes = `the URL${cut} ends with ${words(rule.urlSuffixes)} (any case)`;
  if (rule.fileTypes.length === 0) return suffixes;
  return rule.urlSuffixes.length === 0 ? types : `${types}, or ${suffixes}`;
}

const sources: Readonly<Record<DetectionConfig['newSource'], string>> = {
  host: 'a host that served no JPEG of any size',
  registrable_domain:
    'a registrable domain (public suffix list with its private section) that served no JPEG ' +
    'of any size',
  large_host: 'a host that served no large JPEG',
};

function newSource({ newSource: by, normalizeHost }: DetectionConfig): string {
  const compared = normalizeHost
    ? 'compared in lower case, without port and last dot, in punycode'
    : 'compared as received, case-sensitive';
  return `${sources[by]} in the lookback; ${compared}`;
}

const directions: Readonly<Record<DetectionConfig['direction'], string>> = {
  download: 'download: bytes received',
  upload: 'upload: bytes sent by POST, PUT and PATCH',
  both: 'both: bytes received, and bytes sent by POST, PUT and PATCH, each with its own baseline',
};

function direction(detection: DetectionConfig): string {
  return directions[detection.direction];
}

function host({ hostFallback, placeholders }: DetectionConfig): string {
  const field = "the feed's field (dhost)";
  const missing = placeholders.length === 0 ? '' : `; ${words(placeholders)} count as missing`;
  return hostFallback
    ? `${field}, else the host of the URL, else dst${missing}`
    : `${field}; an event without it counts as new${missing}`;
}

function size({ zeroIsMissing, mostSuspicious }: DetectionConfig): string {
  const zero = zeroIsMissing ? '0 counts as missing' : '0 is a size';
  const twice = mostSuspicious ? 'the most suspicious value' : 'the last value';
  return `the feed's field; ${zero}. Of keys that come twice ${twice} is judged`;
}

function skipped({ skip }: DetectionConfig): string {
  const kinds: readonly (readonly [string, readonly string[]])[] = [
    ['method', skip.methods],
    ['status', skip.statuses],
    ['action with', skip.actions],
  ];
  const named = kinds.filter(([, values]) => values.length > 0);
  if (named.length === 0) return 'nothing';
  const said = named.map(([kind, values]) => `${kind} ${words(values)}`).join('; ');
  return `${said}: such downloads neither alert nor teach`;
}

function repeats({ suppress }: DetectionConfig): string {
  const { by, windowMs, maxAlerts } = suppress;
  if (by.length === 0) return 'are alerts like any other';
  const window = formatDuration(windowMs);
  return `one alert for each ${by.join(' and ')} in ${window}, at most ${maxAlerts} remembered`;
}

function level({ level: points }: DetectionConfig): string {
  const { ratios, neverSeen, mismatch, upload, medium, high, critical } = points;
  const large =
    ratios.length === 0
      ? 'no points for the ratio'
      : `a point for each of ${ratios.join(', ')} times the threshold`;
  return (
    `${large}, ${neverSeen} for a host never ` +
    `seen, ${mismatch} if type and name disagree, ${upload} for an upload: medium from ${medium}, ` +
    `high from ${high}, critical from ${critical}; without a host always low`
  );
}

export function feedRows(feeds: readonly FeedConfig[], { feedProfiles }: DetectionConfig): Row[] {
  const others = feedProfiles ? 'read by the table that ships' : 'read as the query reads them';
  return [...feeds.map(feedRow), [feeds.length === 0 ? 'all' : 'others', others]];
}

function feedRow({ vendor, product, judge, timezone, ...fields }: FeedConfig): Row {
  const named = Object.entries(fields).map(([key, names]) => `${key} in ${words(names)}`);
  const said = [
    ...(judge ? [] : ['not judged']),
    ...named,
    ...(timezone === undefined ? [] : [`zone ${timezone}`]),
  ];
  return [`${vendor} ${product}`, said.length === 0 ? 'as shipped' : said.join('; ')];
}

function countOf(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? '' : 's'}`;
}
