/** Random configs and events from a seed, drawn so that the detector says everything it can say. */
import type { Config } from '../../../src/config/config.js';
import { loadConfig } from '../../../src/config/load.js';

export interface RandomEvent {
  readonly frame: Buffer;
  readonly originalLength: number;
  readonly receivedAtMs: number;
}

type Random = () => number;

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!;
}

/** A key of the config with one of these values, or left to the preset. */
function sometimes<T>(random: Random, key: string, values: readonly T[]): Record<string, T> {
  return random() < 0.5 ? { [key]: pick(random, values) } : {};
}

export function randomConfig(random: Random): Config {
  const or = <T>(key: string, values: readonly T[]) => sometimes(random, key, values);
  const detection = {
    preset: pick(random, ['sentinel', 'recommended']),
    direction: pick(random, ['download', 'upload', 'both', 'both']),
    time: pick(random, ['received', 'event']),
    percentile: pick(random, [50, 90, 95, 99.9]),
    lookback: pick(random, ['7d', '2d', '30h']),
    holdback: pick(random, ['1d', '3h']),
    minimum_bytes: pick(random, ['0B', '1KiB', '40KiB']),
    minimum_samples: pick(random, [1, 1, 100, 2000]),
    minimum_history: pick(random, ['0h', '0h', '6h']),
    ...or('new_source', ['host', 'registrable_domain', 'large_host']),
    ...or('normalize_host', [true, false]),
    ...or('host_fallback', [true, false]),
    ...or('feed_profiles', [true, false]),
    ...or('placeholders', [[], ['-', 'None']]),
    ...or('zero_bytes', ['size', 'missing']),
    ...or('duplicate_keys', ['last', 'most_suspicious']),
    jpeg: {
      ...or('url_suffixes', [['.jpg'], ['.jpg', '.jpeg'], []]),
      ...or('ignore_query', [true, false]),
      ...or('file_types', [['Jpeg Files'], ['Jpeg Files', 'image/jpeg']]),
    },
    skip: {
      ...or('methods', [[], ['HEAD'], ['HEAD', 'GET']]),
      ...or('statuses', [[], ['4xx', '304']]),
      ...or('actions', [[], ['block']]),
    },
    suppress: {
      ...or('by', ['host', 'user', 'file', 'file', 'none', ['host', 'user']]),
      window: pick(random, ['1h', '24h']),
      max_alerts: 1000,
    },
  };
  const exclusions = [
    { name: 'team', match: { suser: pick(random, ['ann', 'bob']) } },
    { name: 'site', match: { 'dhost|domain': 's1.example' } },
    { name: 'tool', match: [{ sproc: 'Veeam.exe', suser: 'cat' }, { file_name: 'report.jpg' }] },
    { name: 'past', expires: '2026-11-20', match: { 'suser|exists': true } },
    { name: 'soon', expires: '2026-11-24', match: { sproc: 'gimp.exe' } },
  ].filter(() => random() < 0.4);
  const feeds = [
    { vendor: 'Off', judge: false },
    { vendor: 'Acme', product: 'Odd*', received: ['bytes_down', 'in'], host: ['server', 'dhost'] },
    { vendor: 'Acme', file_type: ['fileType', 'ContentType'], status: 'outcome' },
    { vendor: 'Zscaler', timezone: 'Europe/Berlin' },
  ].filter(({ judge }) => judge === false || random() < 0.5);
  const text = JSON.stringify({
    detection,
    feeds,
    // The room for a million takes longer to make than all else here.
    baseline: { max_hosts: 1000 },
    exclusions: exclusions.map((one) => ({
      reason: 'a test',
      ...one,
      ...(random() < 0.6 ? { learn: random() < 0.5 } : {}),
    })),
  });
  return loadConfig({ text, env: {} });
}

export function hostOf(random: Random): string {
  const name = random() < 0.5 ? `s${Math.floor(random() * 6)}` : `n${Math.floor(random() * 400)}`;
  const host = `${random() < 0.3 ? 'www.' : ''}${name}.example`;
  return random() < 0.1 ? host.toUpperCase() : host;
}

export function sizeOf(random: Random): number {
  return Math.round(Math.exp(9 + 4 * random()));
}

/** In order of receipt, from `startMs` on. */
export function* randomEvents(
  random: Random,
  startMs: number,
  count: number,
): Generator<RandomEvent> {
  let receivedAtMs = startMs;
  for (let i = 0; i < count; i++) {
    receivedAtMs += Math.floor(random() ** 3 * 600_000);
    const frame = Buffer.from(randomLine(random, receivedAtMs));
    const cut = random() < 0.02;
    yield { frame, originalLength: frame.length + (cut ? 10 : 0), receivedAtMs };
  }
}

function randomLine(random: Random, nowMs: number): string {
  if (random() < 0.02) {
    return pick(random, ['<13>hello', 'CEF:0|Acme|Proxy|1|a.jpg', '', '<134>1 - - - - - - \u202e']);
  }
  const vendor = pick(random, ['Acme|Proxy', 'Acme|Odd One', 'Zscaler|NSSWeblog', 'Other|X']);
  const header = random() < 0.03 ? 'Off|Y' : vendor;
  const stamp = random() < 0.2 ? 'Nov 24 05:00:00' : '1 -';
  return `<134>${stamp} proxy - - - - CEF:0|${header}|1|web|web|3|${extension(random, nowMs)}`;
}

function extension(random: Random, nowMs: number): string {
  const host = random() < 0.12 ? pick(random, ['-', 'None', '']) : hostOf(random);
  const name = pick(random, [
    'a.jpg',
    'a.jpg',
    'report.jpg',
    'B.JPG',
    'c.jpeg',
    'd.jpg?w=1',
    'e.png',
  ]);
  const type = pick(random, ['', '', 'Jpeg Files', 'JPEG FILES', 'image/jpeg', 'text/html', 'pdf']);
  const late = pick(random, [0, 0, 0, 60_000, 7_200_000, -900_000]);
  const large = random() < 0.5;
  const size = () => `${large ? 100_000 + 20 * sizeOf(random) : sizeOf(random)}`;
  const bytes = () => (random() < 0.1 ? pick(random, ['0', 'None', '', '-5']) : size());
  const maybe = (share: number, text: string) => (random() < share ? [text] : []);
  const fields = [
    ...maybe(0.7, `rt=${nowMs - late}`),
    ...maybe(0.93, `request=http://${host === '-' ? '' : host}/x/${name}`),
    ...maybe(0.95, `dhost=${host}`),
    ...maybe(0.6, `fileType=${type}`),
    ...maybe(0.95, `in=${bytes()}`),
    ...maybe(0.8, `out=${bytes()}`),
    ...maybe(0.7, `requestMethod=${pick(random, ['GET', 'POST', 'POST', 'PUT', 'get', 'HEAD'])}`),
    ...maybe(0.5, `outcome=${pick(random, ['200', '200', '200', '304', '404 Not Found'])}`),
    ...maybe(0.5, `act=${pick(random, ['allow', 'allow', 'allow', 'url_blocked', 'Deny'])}`),
    ...maybe(0.9, `suser=${pick(random, ['ann', 'bob', 'cat', 'dan', 'eve', 'fay'])}`),
    ...maybe(0.3, `sproc=${pick(random, ['Veeam.exe', 'gimp.exe', 'vim'])}`),
    ...maybe(0.1, `bytes_down=${bytes()}`),
    ...maybe(0.1, `server=${hostOf(random)}`),
    ...maybe(0.1, `cs1Label=ContentType cs1=${type}`),
    ...maybe(0.06, `in=${bytes()}`),
    ...maybe(0.06, `dhost=${hostOf(random)}`),
    ...maybe(0.03, `request=/x/${name}`),
    ...maybe(0.03, `act=allow`),
  ];
  return fields.join(' ');
}
