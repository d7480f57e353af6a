/**
 * Weeks of proxy traffic from a seed, for comparing detectors: log-normal sizes per host, hosts that
 * come and go, and all that makes the query's two halves differ: missing hosts and sizes, file types in
 * other cases, upper-case suffixes, hosts in other cases, exact duplicates.
 */

/** One event as the query's table has it: '' for a missing text, null for a missing number. */
export interface Row {
  readonly timeMs: number;
  readonly fileType: string;
  readonly url: string;
  readonly receivedBytes: number | null;
  readonly host: string;
  readonly user: string;
}

export interface TrafficOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly hours: number;
  readonly eventsPerHour: number;
  /** In every so many hours this many events come instead: more than a sketch holds exactly. */
  readonly burst?: { readonly everyHours: number; readonly events: number };
  /** Resolution of times; coarse ones put events exactly on the query's boundaries. */
  readonly stepMs?: number;
  /** Resolution of sizes; coarse ones make many equal the threshold. */
  readonly stepBytes?: number;
}

const msPerHour = 3_600_000;

/** A generator of numbers in [0, 1) (mulberry32): the same seed gives the same numbers everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** In order of time. */
export function traffic(options: TrafficOptions): Row[] {
  const { seed, startMs, hours, eventsPerHour, burst, stepMs = 1, stepBytes = 1 } = options;
  const random = randomFrom(seed);
  const rows: Row[] = [];
  for (let hour = 0; hour < hours; hour++) {
    const bursts = burst !== undefined && hour % burst.everyHours === 0;
    const count = bursts ? burst.events : Math.round(eventsPerHour * (0.5 + random()));
    const times = Array.from({ length: count }, () => {
      const offset = Math.floor((random() * msPerHour) / stepMs) * stepMs;
      return startMs + hour * msPerHour + offset;
    }).sort((a, b) => a - b);
    for (const timeMs of times) {
      const row = makeRow(random, timeMs, hour, stepBytes);
      rows.push(row);
      if (random() < 0.01) rows.push(row);
    }
  }
  return rows;
}

function makeRow(random: () => number, timeMs: number, hour: number, stepBytes: number): Row {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  // A fifth of the events goes to hosts that live for about two days; the rest to 40 steady ones.
  const churned = random() < 0.2;
  const number = churned
    ? Math.floor(hour / 48) * 30 + Math.floor(random() * 30)
    : Math.floor(random() ** 2 * 40);
  const name = `${churned ? 'n' : 's'}${number}.example`;
  const cased = random() < 0.02 ? name.toUpperCase() : name;
  const host = random() < 0.03 ? '' : cased;
  const form = random();
  const path = form < 0.55 ? 'a.jpg' : form < 0.65 ? 'B.JPG' : form < 0.75 ? 'c.jpg?w=1' : 'd.png';
  const fileType = pick(['', '', 'None', 'Jpeg Files', 'Jpeg Files', 'JPEG FILES', 'jpeg files']);
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const size = Math.exp(10 + (number % 7) * 0.2 + 1.3 * normal);
  const bytes = Math.round(size / stepBytes) * stepBytes;
  return {
    timeMs,
    fileType,
    url: random() < 0.01 ? '' : `http://${name}/${Math.floor(random() * 1e6)}/${path}`,
    receivedBytes: random() < 0.04 ? null : bytes,
    host,
    user: `u${Math.floor(random() * 50)}`,
  };
}

/** The row as a proxy would log it, without the line feed; `rt` in epoch ms. */
export function cefLine(row: Row, random: () => number = () => 0): string {
  const size = row.receivedBytes ?? (['', 'None', '-'] as const)[Math.floor(random() * 3)]!;
  const fields: readonly (readonly [string, string])[] = [
    ['rt', `${row.timeMs}`],
    ['fileType', row.fileType],
    ['request', row.url],
    ['in', `${size}`],
    ['out', '512'],
    ['dhost', row.host],
    ['suser', row.user],
    ['requestClientApplication', 'Mozilla/5.0 (X11; Linux x86_64)'],
    ['requestContext', 'http://start.example/'],
  ];
  // A missing value is at times an empty one, at times no key at all.
  const written = fields
    .filter(([, value]) => value !== '' || random() < 0.5)
    .map(([key, value]) => `${key}=${value}`);
  return `<134>1 - proxy - - - - CEF:0|Acme|Proxy|1|web|web access|3|${written.join(' ')}`;
}
