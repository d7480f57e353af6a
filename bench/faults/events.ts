/**
 * The events of a fault run. What an event says is a function of the run's seed, its start and the event's
 * number, so that every process can tell by itself what a number must have become, and a ledger needs to
 * keep numbers only.
 *
 * Three details let a piece of an event be told from a whole one. The number comes first and has an end
 * mark, so that a piece never bears another event's number. What makes it a JPEG comes last, so that a
 * piece is never learned from. And what comes before the number is the same in all, so that a piece without
 * a number can be recognised.
 */
const msPerHour = 3_600_000;

export type EventKind = 'plain' | 'jpeg' | 'alert';

export interface Expected {
  readonly kind: EventKind;
  readonly id: string;
  readonly host: string;
  readonly bytes: number;
  readonly url: string;
  readonly fileType: string;
  readonly agent: string;
  /** Event time, epoch ms. */
  readonly atMs: number;
}

export interface RunIdentity {
  readonly seed: number;
  /** Epoch ms. */
  readonly startMs: number;
}

/** Events lie so far back from the run's start at most: less than `max_lateness`, so none is ever late. */
const spreadMs = 50 * 60_000;
const digits = 10;
const alertOneIn = 500;
const jpegOneIn = 8;
const knownHosts = 300;

/** All events begin like this, up to their number. */
export function commonHead({ startMs }: RunIdentity): string {
  const at = new Date(startMs);
  const month = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')[at.getUTCMonth()];
  const stamp = `${month} ${String(at.getUTCDate()).padStart(2)} ${at.toISOString().slice(11, 19)}`;
  return `<134>${stamp} proxy01 CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Allowed|3|externalId=`;
}

export function idOf(number: number): string {
  return `e${String(number).padStart(digits, '0')}x`;
}

/** The number of the whole id that the text begins with; null if it is none. */
export function numberOf(id: unknown): number | null {
  const found = typeof id === 'string' ? /^e(\d{10})x(?: |$)/.exec(id)?.[1] : undefined;
  return found === undefined ? null : Number(found);
}

export function expectedOf(run: RunIdentity, number: number): Expected {
  const draw = mixed(run.seed, number);
  const kind = number % alertOneIn === 7 ? 'alert' : draw % jpegOneIn === 0 ? 'jpeg' : 'plain';
  const second = mixed(draw, number);
  const host = {
    plain: 'pages.example',
    jpeg: `img${second % knownHosts}.example`,
    alert: `fresh${number}.example`,
  }[kind];
  return {
    kind,
    id: idOf(number),
    host,
    bytes: kind === 'alert' ? 9_000_000 + (second % 1000) : 20_000 + (second % 180_000),
    url: `https://${host}/a/${number}/${kind === 'plain' ? 'index.html' : 'img'}`,
    fileType: kind === 'plain' ? 'HTML Files' : 'image/jpeg',
    agent: `Agent/${draw.toString(16)} ${second.toString(16).padStart(8, '0').repeat(20)}`,
    atMs: run.startMs - (second % spreadMs),
  };
}

/** The line without its newline. All of it is ASCII. */
export function lineOf(run: RunIdentity, number: number): string {
  const { id, atMs, host, bytes, url, fileType, agent } = expectedOf(run, number);
  return (
    `${commonHead(run)}${id} rt=${atMs} act=Allowed requestMethod=GET src=10.1.2.3 ` +
    `suser=dana@corp.example dhost=${host} in=${bytes} out=612 requestClientApplication=${agent} ` +
    `cs1Label=dept cs1=Research request=${url} fileType=${fileType}`
  );
}

/** Hours of the lookback, filled so that the run's large JPEGs of fresh hosts alert. */
export function historyLines({ startMs }: RunIdentity): string[] {
  const lines: string[] = [];
  for (let back = 150; back > 30; back--) {
    for (let i = 0; i < 3; i++) {
      const atMs = startMs - back * msPerHour + i;
      lines.push(
        `<134>CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Allowed|3|externalId=history rt=${atMs} ` +
          `requestMethod=GET dhost=known${i}.example in=${50_000 + i} ` +
          `request=https://known${i}.example/h.jpg fileType=image/jpeg`,
      );
    }
  }
  return lines;
}

export function hourOfEvent({ atMs }: Expected): number {
  return Math.floor(atMs / msPerHour);
}

/** 31 well mixed bits of both. */
function mixed(a: number, b: number): number {
  let x = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return (x ^ (x >>> 15)) >>> 1;
}
