/**
 * Fifteen days of traffic, in the order in which it is sent, and of each event what the test itself knows:
 * whether it is a JPEG event, which sizes it teaches, of which host. So that what the sidecar and `hunt`
 * make of the lines can be held against a third reckoning.
 */
import { writeCef } from '../support/cef-writer.js';
import { isJudgedJpeg, isLookbackJpeg } from '../support/naive-query.js';
import { cefLine, type Row, randomFrom, traffic } from '../support/traffic.js';

const minute = 60_000;
export const msPerHour = 3_600_000;
export const msPerDay = 24 * msPerHour;
/** In the past whenever the test is run: of times from the future nothing is believed. */
export const weekStart = Date.UTC(2024, 1, 20, 21);
/** The lookback, a week that is judged, and a day. */
export const weekHours = 15 * 24;
/** Of so many more have a size than a bucket holds exactly. */
const burst = { everyHours: 90, events: 5800 };

export interface WeekEvent {
  readonly id: number;
  /** Its own time, epoch ms; null: its line has none. */
  readonly timeMs: number | null;
  readonly sentMs: number;
  /** The line, `rt=@` where the time goes. */
  readonly text: string;
  /** Judged or skipped, and so of weight for the clock. */
  readonly jpeg: boolean;
  /** Names under which its hosts are known. */
  readonly hosts: readonly string[];
  /** Sizes it teaches, by direction; NaN: looked at, without a size. */
  readonly sizes: { readonly download?: number; readonly upload?: number };
  /** An exclusion matches it at this moment. */
  readonly excluded: (atMs: number) => boolean;
  readonly learned: (atMs: number) => boolean;
}

export function lineOf({ text }: WeekEvent, rtMs: number | null): string {
  return text.replace('rt=@ ', rtMs === null ? '' : `rt=${rtMs} `);
}

/** When an event is sent after it happened; most at once, some late, a few far too late. */
function delivery(random: () => number, atMs: number, index: number) {
  const kind = index < 100 ? 1 : random();
  if (kind < 0.0005) return { timeMs: null, sentMs: atMs };
  if (kind < 0.002) return { timeMs: atMs, sentMs: atMs + (2 + random() * 70) * msPerHour };
  if (kind < 0.08) return { timeMs: atMs, sentMs: atMs + (1 + random() * 54) * minute };
  return { timeMs: atMs, sentMs: atMs + random() * 20_000 };
}

function inOrderOfSending(events: WeekEvent[]): readonly WeekEvent[] {
  return events.sort((a, b) => a.sentMs - b.sentMs);
}

const never = () => false;

/** For preset sentinel: what the query reads, and hosts as they are written. */
export function sentinelWeek(seed: number): readonly WeekEvent[] {
  const random = randomFrom(seed);
  const shape = { startMs: weekStart, hours: weekHours };
  const rows = traffic({ ...shape, seed, eventsPerHour: 36, burst });
  const pages = traffic({ ...shape, seed: seed + 1, eventsPerHour: 56 }).map(asPage);
  const all = [...rows, ...pages].sort((a, b) => a.timeMs - b.timeMs);
  return inOrderOfSending(all.map((row, at) => sentinelEvent(row, at, random)));
}

function asPage(row: Row): Row {
  return { ...row, fileType: 'HTML Files', url: `http://${row.host || 'h.example'}/index.html` };
}

function sentinelEvent(row: Row, id: number, random: () => number): WeekEvent {
  const line = cefLine({ ...row, timeMs: 0 }, random).replace('rt=0', 'rt=@');
  const excluded = row.user === 'u7';
  return {
    id,
    ...delivery(random, row.timeMs, id),
    text: `${line} externalId=${id}`,
    jpeg: isJudgedJpeg(row),
    hosts: row.host === '' ? [] : [row.host],
    sizes: { download: row.receivedBytes ?? Number.NaN },
    excluded: () => excluded,
    learned: () => isLookbackJpeg(row),
  };
}

export const sentinelExclusions = `
exclusions:
  - { name: user-seven, reason: teaches all the same, match: { suser: u7 } }
`;

/** The last whole day on which `temp-scan` holds. */
const lastDay = new Date(weekStart + 10 * msPerDay).toISOString().slice(0, 10);
const expiresMs = Date.parse(`${lastDay}T23:59:59.999Z`);

export const recommendedExclusions = `
exclusions:
  - { name: backup, reason: CHG-1, match: { suser: svc-backup } }
  - { name: sync, reason: CHG-2, learn: true, match: { requestClientApplication|contains: PhotoSync } }
  - { name: scan, reason: CHG-3, expires: ${lastDay}, match: { suser: temp-scan } }
feeds:
  - { vendor: Swap, product: Gate, received: [out], sent: [in] }
  - { vendor: Muted, product: Gate, judge: false }
`;

interface Exclusion {
  readonly pairs: readonly (readonly [string, string])[];
  readonly excluded: (atMs: number) => boolean;
  readonly learns: boolean;
}

const browser = ['requestClientApplication', 'Mozilla/5.0 (X11; Linux x86_64)'] as const;

const exclusions: Readonly<Record<'none' | 'backup' | 'sync' | 'scan', Exclusion>> = {
  none: { pairs: [browser], excluded: never, learns: true },
  backup: { pairs: [['suser', 'svc-backup'], browser], excluded: () => true, learns: false },
  sync: {
    pairs: [['requestClientApplication', 'PhotoSync/2.1']],
    excluded: () => true,
    learns: true,
  },
  scan: {
    pairs: [['suser', 'temp-scan'], browser],
    excluded: (atMs) => atMs <= expiresMs,
    learns: false,
  },
};

/** For preset recommended, both directions: feeds, hosts and all that is skipped or said twice. */
export function recommendedWeek(seed: number): readonly WeekEvent[] {
  const random = randomFrom(seed);
  const moments: { atMs: number; isPage: boolean }[] = [];
  for (let hour = 0; hour < weekHours; hour++) {
    const jpegs = hour % burst.everyHours === 0 ? burst.events : 20 + Math.floor(random() * 26);
    const moment = () => Math.floor(weekStart + (hour + random()) * msPerHour);
    for (let i = 0; i < jpegs; i++) moments.push({ atMs: moment(), isPage: false });
    for (let i = 0; i < 56; i++) moments.push({ atMs: moment(), isPage: true });
  }
  moments.sort((a, b) => a.atMs - b.atMs);
  return inOrderOfSending(
    moments.map(({ atMs, isPage }, id) =>
      isPage ? page(random, id, atMs) : recommendedEvent(random, id, atMs),
    ),
  );
}

function page(random: () => number, id: number, atMs: number): WeekEvent {
  const extension: Pair[] = [
    ['rt', '@'],
    ['externalId', `${id}`],
    ['dhost', `s${Math.floor(random() * 40)}.example`],
    ['request', 'http://pages.example/big.zip'],
    ['fileType', 'ZIP Files'],
    ['in', `${Math.floor(random() * 1e8)}`],
  ];
  return {
    id,
    ...delivery(random, atMs, id),
    text: `<134>1 - proxy - - - - ${writeCef({ header: headers.plain, extension })}`,
    jpeg: false,
    hosts: [],
    sizes: {},
    excluded: never,
    learned: never,
  };
}

type Pair = readonly [string, string];

const headers = {
  plain: ['0', 'Acme', 'Proxy', '1', 'web', 'web access', '3'],
  netskope: ['0', 'Netskope', 'tenant', '1', 'web', 'web access', '3'],
  swap: ['0', 'Swap', 'Gate', '1', 'web', 'web access', '3'],
  muted: ['0', 'Muted', 'Gate', '1', 'web', 'web access', '3'],
};

function recommendedEvent(random: () => number, id: number, atMs: number): WeekEvent {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const chance = (share: number): boolean => random() < share;
  const feed = pick([
    'plain',
    'plain',
    'plain',
    'netskope',
    'swap',
    chance(0.2) ? 'muted' : 'plain',
  ]);
  const swapped = feed === 'netskope' || feed === 'swap';
  const method = pick([
    'GET',
    'GET',
    'GET',
    'GET',
    'GET',
    'POST',
    'put',
    '',
    chance(0.4) ? 'HEAD' : 'GET',
  ]);
  const status = chance(0.04) ? pick(['304', '404 Not Found', '503']) : pick(['200', '']);
  const blocked = chance(0.03);
  const exclusion = exclusions[chance(0.05) ? pick(['backup', 'sync', 'scan'] as const) : 'none'];
  const isHuge = chance(0.01);
  const times = exclusion === exclusions.none && !isHuge ? 1 : 20;

  const received = sizeOf(random, 10.8, 1.2, times);
  const sent = sizeOf(random, method === 'GET' ? 7 : 10.4, 1.5, isHuge ? 20 : 1);
  const host = hostOf(random, atMs);
  const pairs: Pair[] = [
    ['rt', '@'],
    ['externalId', `${id}`],
    ['requestMethod', method],
    ['outcome', status],
    ['act', blocked ? pick(['Blocked', 'TCP_DENIED']) : 'Allowed'],
    [swapped ? 'out' : 'in', received.text],
    [swapped ? 'in' : 'out', sent.text],
    ...exclusion.pairs,
    ...(exclusion.pairs.length > 1 ? [] : [['suser', `u${Math.floor(random() * 50)}`] as const]),
  ];
  const hosts = addHost(pairs, host, random);
  const name = pick(['a.jpg', 'B.JPEG', 'c.jfif?w=100', 'd.pjp']);
  const byType = chance(0.25);
  const path = `${host.name}/${Math.floor(random() * 1e6)}/${byType ? pick(['x', 'y.pdf']) : name}`;
  const withoutUrl = byType && chance(0.03);
  pairs.push([
    'fileType',
    byType
      ? pick(['Jpeg Files', 'image/jpeg', 'JPG'])
      : pick(['', 'PDF Documents', 'None', 'Jpeg Files']),
  ]);
  pairs.push(['request', withoutUrl ? '' : `${pick(['http://', 'https://', ''])}${path}`]);
  // Text in an event can forge a smaller size; the larger one is judged, and neither is learned.
  const forged = chance(0.02);
  if (forged) pairs.push([swapped ? 'out' : 'in', '1']);

  const isRead = received.text === '0' || !Number.isNaN(received.bytes);
  const forgedBytes = isRead && received.bytes !== 1 ? Number.NaN : 1;
  const learnedBytes = forged ? forgedBytes : received.bytes;
  const least = forged && received.text !== '0' ? 1 : orNothing(received.bytes);
  const isUpload =
    method === '' ? orNothing(sent.bytes) > least : method === 'POST' || method === 'put';
  const noDownload = blocked || method === 'HEAD' || /^[345]/.test(status);
  const jpeg = feed !== 'muted' && !withoutUrl;
  return {
    id,
    ...delivery(random, atMs, id),
    text: `<134>1 - proxy - - - - ${writeCef({ header: headers[feed as 'plain'], extension: pairs.filter(([, value]) => value !== '' || chance(0.5)) })}`,
    jpeg,
    hosts,
    sizes: {
      ...(noDownload ? {} : { download: learnedBytes }),
      ...(isUpload && !blocked ? { upload: sent.bytes } : {}),
    },
    excluded: exclusion.excluded,
    learned: (at) => jpeg && (exclusion.learns || !exclusion.excluded(at)),
  };
}

const orNothing = (bytes: number): number => (Number.isNaN(bytes) ? 0 : bytes);

interface Size {
  readonly text: string;
  readonly bytes: number;
}

function sizeOf(random: () => number, mean: number, deviation: number, times: number): Size {
  if (random() < 0.04) {
    const text = ['', 'None', '0', '12.5'][Math.floor(random() * 4)]!;
    return { text, bytes: Number.NaN };
  }
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const bytes = 1 + Math.round(times * Math.exp(mean + deviation * normal));
  return { text: `${bytes}`, bytes };
}

interface Host {
  readonly name: string;
  readonly known: string;
}

/** Most of 40 domains under changing names; some that live for two days; some of shared hosting. */
function hostOf(random: () => number, atMs: number): Host {
  const kind = random();
  const number = Math.floor(random() ** 2 * 40);
  const days = Math.floor((atMs - weekStart) / (2 * msPerDay));
  const passing = days * 60 + Math.floor(random() * 60);
  if (kind < 0.6) return { name: `cdn${passing}.s${number}.example`, known: `s${number}.example` };
  if (kind < 0.65) return { name: `u${passing}.github.io`, known: `u${passing}.github.io` };
  return { name: `n${passing}.example`, known: `n${passing}.example` };
}

/** Adds `dhost`, or not: then the URL names the host. Returns the names of all hosts. */
function addHost(pairs: Pair[], { name, known }: Host, random: () => number): readonly string[] {
  const form = random();
  if (form < 0.05) return [known];
  if (form < 0.1) pairs.push(['dhost', ['-', 'None'][Math.floor(random() * 2)]!]);
  else if (form < 0.2) pairs.push(['dhost', `${name.toUpperCase()}:8080`]);
  else pairs.push(['dhost', name]);
  if (form < 0.98) return [known];
  const other = hostOf(random, weekStart);
  pairs.push(['dhost', other.name]);
  return [known, other.known];
}

export interface Taken {
  readonly event: WeekEvent;
  /** The moment at which it is judged and learned. */
  readonly atMs: number;
  /** More than an hour behind the newest, or without a time: taken as of the newest. */
  readonly moved: boolean;
}

/** As the manual has it: the clock is the newest time of a JPEG event so far. */
export function takenBySidecar(events: readonly WeekEvent[]): readonly Taken[] {
  let clockMs = 0;
  return events.map((event) => {
    const timeMs = event.timeMs ?? clockMs;
    const tooLate = timeMs < clockMs - msPerHour;
    if (event.jpeg) clockMs = Math.max(clockMs, timeMs);
    return { event, atMs: tooLate ? clockMs : timeMs, moved: tooLate || event.timeMs === null };
  });
}
