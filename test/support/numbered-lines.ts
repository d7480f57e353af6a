/**
 * Proxy lines for end-to-end tests: each carries its number as `externalId`, one in ten is a JPEG from a
 * host that the history knows, and one in `alertEvery` is a large JPEG from a host of its own.
 */
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

export interface NumberedLines {
  readonly from: number;
  readonly count: number;
  /** 0 = none. */
  readonly alertEvery: number;
  readonly atMs: number;
}

export function numberedLines({ from, count, alertEvery, atMs }: NumberedLines): string[] {
  return Array.from({ length: count }, (_, i) => numberedLine(from + i, alertEvery, atMs));
}

export function isAlert(number: number, alertEvery: number): boolean {
  return alertEvery > 0 && number % alertEvery === 0;
}

/** Six days of hourly JPEGs from known hosts, enough for both presets' minimums. */
export function historyLines(nowMs: number): string[] {
  const hourMs = 3_600_000;
  return Array.from({ length: 24 * 7 }, (_, hour) => nowMs - (24 * 7 - hour) * hourMs).flatMap(
    (at) =>
      Array.from({ length: 5 }, (_, i) =>
        line(0, at + i * 1000, `known${i}.example`, `p${i}.jpg`, 50_000 + i * 10_000, 'Jpeg Files'),
      ),
  );
}

function numberedLine(number: number, alertEvery: number, atMs: number): string {
  if (isAlert(number, alertEvery)) {
    return line(number, atMs, `fresh${number}.example`, 'x.jpg', 9_000_000, 'Jpeg Files');
  }
  return number % 10 === 1
    ? line(number, atMs, `known${number % 5}.example`, 'y.jpg', 60_000, 'Jpeg Files')
    : line(number, atMs, 'pages.example', 'index.html', 9_000_000, 'HTML Files');
}

function line(
  number: number,
  atMs: number,
  host: string,
  file: string,
  bytes: number,
  type: string,
): string {
  return (
    `<134>${stamp(atMs)} proxy01 CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Allowed|3|` +
    `rt=${atMs} externalId=${number} act=Allowed requestMethod=GET src=10.1.2.3 ` +
    `suser=dana@corp.example dhost=${host} in=${bytes} out=612 ` +
    `request=https://${host}/a\\=b/${file} fileType=${type} ` +
    'requestClientApplication=Mozilla/5.0 (X11; Linux x86_64) cs1Label=dept cs1=Research'
  );
}

export function stamp(ms: number): string {
  const at = new Date(ms);
  const day = String(at.getUTCDate()).padStart(2);
  return `${months[at.getUTCMonth()]} ${day} ${at.toISOString().slice(11, 19)}`;
}
