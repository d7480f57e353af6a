/**
 * The parse of the bare loop, alone: note CEF keys and values of a line, write a MessagePack entry. No judging, no
 * typed numbers, no limits, no dictionary: what a reader would write in an afternoon for speed alone. It is the
 * floor that everything is measured against, so it is not tuned any further.
 */
const headerKeys = [
  'cef_version',
  'device_vendor',
  'device_product',
  'device_version',
  'device_event_class_id',
  'name',
  'severity',
].map((key) => Buffer.concat([Buffer.from([0xa0 | key.length]), Buffer.from(key)]));

const out = Buffer.allocUnsafe(512 * 1024);
let at = 0;

/** Bytes of the entries written since the last `takeEntries`. */
export function pendingBytes(): number {
  return at;
}

/** The entries written so far, in memory that the next `parse` writes over. */
export function takeEntries(): Buffer {
  const entries = out.subarray(0, at);
  at = 0;
  return entries;
}

/** Writes the entry of the line `b[start, end)`. */
export function parse(b: Buffer, start: number, end: number): void {
  let p = start;
  while (p < end && !(b[p] === 0x43 && b[p + 1] === 0x45 && b[p + 2] === 0x46 && b[p + 3] === 0x3a))
    p++;
  p += 4;
  const now = Date.now();
  out[at++] = 0x92;
  out[at++] = 0xd7;
  out[at++] = 0;
  at = out.writeUInt32BE(Math.floor(now / 1000), at);
  at = out.writeUInt32BE((now % 1000) * 1_000_000, at);
  out[at++] = 0xde;
  const countAt = at;
  at += 2;
  let count = 0;
  for (let h = 0; h < 7; h++) {
    const from = p;
    let escaped = false;
    while (p < end && b[p] !== 0x7c) {
      if (b[p] === 0x5c) {
        escaped = true;
        p++;
      }
      p++;
    }
    const key = headerKeys[h]!;
    for (let i = 0; i < key.length; i++) out[at++] = key[i]!;
    value(b, from, p, escaped);
    count++;
    p++;
  }
  let keyStart = p;
  let keyEnd = -1;
  let valueStart = -1;
  let word = p;
  let escaped = false;
  for (; p < end; p++) {
    const c = b[p]!;
    if (c === 0x20) word = p + 1;
    else if (c === 0x5c) {
      escaped = true;
      p++;
    } else if (c === 0x3d && word >= 0 && p > word && isKey(b, word, p)) {
      if (valueStart >= 0) {
        pair(b, keyStart, keyEnd, valueStart, word - 1, escaped);
        count++;
      }
      keyStart = word;
      keyEnd = p;
      valueStart = p + 1;
      escaped = false;
      word = -1;
    }
  }
  if (valueStart >= 0) {
    pair(b, keyStart, keyEnd, valueStart, end, escaped);
    count++;
  }
  out.writeUInt16BE(count, countAt);
}

function isKey(b: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = b[i]! | 0x20;
    if (!((c >= 0x61 && c <= 0x7a) || (c >= 0x30 && c <= 0x39))) return false;
  }
  return true;
}

function pair(b: Buffer, ks: number, ke: number, vs: number, ve: number, escaped: boolean): void {
  value(b, ks, ke, false);
  value(b, vs, ve, escaped);
}

function value(b: Buffer, start: number, end: number, escaped: boolean): void {
  const length = end - start;
  if (!escaped && length < 32) {
    out[at++] = 0xa0 | length;
    for (let i = start; i < end; i++) out[at++] = b[i]!;
    return;
  }
  out[at++] = 0xda;
  const lengthAt = at;
  at += 2;
  for (let i = start; i < end; i++) {
    let c = b[i]!;
    if (c === 0x5c && escaped) {
      c = b[++i]!;
      if (c === 0x6e) c = 10;
    }
    out[at++] = c;
  }
  out.writeUInt16BE(at - lengthAt - 2, lengthAt);
}
