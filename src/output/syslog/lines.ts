/**
 * Lines as they lie in the spool, each after its length and a blank (RFC 6587, octet counting), and what the
 * other ways to send them make of that.
 */

const lineFeed = 0x0a;
const blank = 0x20;
/** What a datagram holds over IPv4: 65,535 bytes less the headers of IP and UDP. */
export const maxDatagramBytes = 65_507;

/**
 * Calls `each` with the bounds of every line in `entries`. What is no line after its length, such as what was
 * replayed from the spool of another output, is given as it is, to the end.
 */
export function eachLine(entries: Buffer, each: (start: number, end: number) => void): void {
  for (let at = 0; at < entries.length; ) {
    const begin = at;
    let length = 0;
    for (let digit = entries[at]! - 0x30; digit >= 0 && digit <= 9; digit = entries[at]! - 0x30) {
      length = 10 * length + digit;
      at++;
    }
    const start = at + 1;
    if (at === begin || entries[at] !== blank || start + length > entries.length) {
      each(begin, entries.length);
      return;
    }
    at = start + length;
    each(start, at);
  }
}

export interface EndedLines {
  readonly bytes: Buffer;
  /** Lines that held a line feed. */
  readonly changed: number;
}

/** Each line ended by a line feed. One inside of a line would end it early: it becomes `\n`, as CEF writes it. */
export function endedLines(entries: Buffer): EndedLines {
  // A count and its blank take two bytes at least, the line feed one.
  let out: Buffer = Buffer.allocUnsafe(entries.length);
  let to = 0;
  let changed = 0;
  // Looked for once, not anew for each line.
  let feed = nextFeed(entries, 0);
  eachLine(entries, (start, end) => {
    if (feed < start) feed = nextFeed(entries, start);
    if (feed >= end) {
      out = withRoom(out, to, end - start + 1);
      to += entries.copy(out, to, start, end);
    } else {
      changed++;
      out = withRoom(out, to, 2 * (end - start) + 1);
      to = escapeFeeds(entries, start, end, out, to);
    }
    out[to++] = lineFeed;
  });
  return { bytes: out.subarray(0, to), changed };
}

function nextFeed(entries: Buffer, from: number): number {
  const feed = entries.indexOf(lineFeed, from);
  return feed < 0 ? entries.length : feed;
}

function escapeFeeds(from: Buffer, start: number, end: number, out: Buffer, at: number): number {
  let to = at;
  for (let i = start; i < end; i++) {
    const byte = from[i]!;
    if (byte !== lineFeed) out[to++] = byte;
    else to += out.write('\\n', to, 'latin1');
  }
  return to;
}

function withRoom(out: Buffer, used: number, needed: number): Buffer {
  if (used + needed <= out.length) return out;
  const larger = Buffer.allocUnsafe(2 * (used + needed));
  out.copy(larger, 0, 0, used);
  return larger;
}
