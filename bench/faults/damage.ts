/**
 * Damages a spool while nobody is at work on it, and tells which events lay in what was damaged. It reads
 * the format by itself (docs/spool-format.md: prefix of 40 bytes, records of 64 bytes and their two parts)
 * and finds events by their numbers, which stand in the records as they were sent.
 */
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { numberOf } from './events.js';

const prefixBytes = 40;
const headerBytes = 64;

export type DamageKind = 'bytes' | 'tail' | 'cursor';

export interface Damage {
  /** For the log. */
  readonly what: string;
  /** Events in records that were damaged, in whole or in part. */
  readonly numbers: readonly number[];
  /** Events in the whole spool. */
  readonly held: number;
  /** The last record was hit: nothing behind it tells how many events it had. */
  readonly atEnd: boolean;
}

interface RecordPlace {
  readonly start: number;
  readonly end: number;
}

/** @param folder with the segments @param random in [0, 1) */
export function damageSpool(folder: string, kind: DamageKind, random: () => number): Damage {
  const names = segmentsIn(folder);
  const held = names.reduce(
    (sum, name) => sum + numbersIn(readFileSync(join(folder, name))).size,
    0,
  );
  if (kind === 'cursor') {
    return { what: damageCursor(folder, random), numbers: [], held, atEnd: false };
  }
  const name = kind === 'tail' ? names.at(-1) : names[Math.floor(random() * names.length)];
  if (name === undefined) {
    return { what: 'nothing: no segment is there', numbers: [], held, atEnd: false };
  }
  const file = join(folder, name);
  const bytes = readFileSync(file);
  if (kind === 'tail') {
    const at = prefixBytes + Math.floor(random() * (bytes.length - prefixBytes));
    truncateSync(file, at);
    const { numbers } = touched(bytes, [[at, bytes.length]]);
    return { what: `${name} cut at ${at} of ${bytes.length}`, numbers, held, atEnd: true };
  }
  const places: [number, number][] = [];
  for (let i = 0; i < 1 + Math.floor(random() * 4); i++) {
    const at = Math.floor(random() * bytes.length);
    const length = Math.min(bytes.length - at, 1 + Math.floor(random() * 64));
    places.push([at, at + length]);
  }
  const { numbers, last } = touched(bytes, places);
  for (const [from, to] of places) {
    for (let at = from; at < to; at++) bytes[at]! ^= 1 + Math.floor(random() * 255);
  }
  writeFileSync(file, bytes);
  const where = places.map(([from, to]) => `${from}+${to - from}`).join(' ');
  const what = `${name} (${bytes.length} bytes) at ${where}`;
  return { what, numbers, held, atEnd: last && name === names.at(-1) };
}

/** Numbers of the events in dead letters. */
export function deadLetterNumbers(folder: string): Set<number> {
  const letters = join(folder, 'dead-letter');
  if (!existsSync(letters)) return new Set();
  const found = new Set<number>();
  for (const name of readdirSync(letters)) {
    if (!name.endsWith('.segment')) continue;
    for (const number of numbersIn(readFileSync(join(letters, name)))) found.add(number);
  }
  return found;
}

function segmentsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d{16}\.segment$/.test(name))
    .sort();
}

function damageCursor(folder: string, random: () => number): string {
  const file = join(folder, 'cursor');
  if (!existsSync(file)) return 'nothing: no cursor is there';
  const how = Math.floor(random() * 3);
  if (how === 0) {
    rmSync(file);
    return 'cursor deleted';
  }
  const bytes = readFileSync(file);
  // One slot only, or both of them.
  const from = how === 1 ? 512 : 0;
  for (let at = from; at < bytes.length; at++) bytes[at] = Math.floor(random() * 256);
  writeFileSync(file, bytes);
  return how === 1 ? 'one slot of the cursor overwritten' : 'cursor overwritten';
}

function touched(
  bytes: Buffer,
  places: readonly (readonly [number, number])[],
): { numbers: number[]; last: boolean } {
  const records = recordsOf(bytes);
  const hit = ({ start, end }: RecordPlace): boolean =>
    places.some(([from, to]) => from < end && to > start);
  const [first] = records;
  // Without its prefix and its first header nothing can be read from a segment.
  const headless =
    first !== undefined &&
    hit({ start: 0, end: prefixBytes }) &&
    hit({ start: first.start, end: first.start + headerBytes });
  const numbers = new Set<number>();
  for (const record of records) {
    if (!headless && !hit(record)) continue;
    for (const number of numbersIn(bytes.subarray(record.start, record.end))) numbers.add(number);
  }
  const last = records.at(-1);
  return { numbers: [...numbers], last: last !== undefined && (headless || hit(last)) };
}

/** A last one that was not written to its end is no record. */
function recordsOf(bytes: Buffer): RecordPlace[] {
  const records: RecordPlace[] = [];
  for (let start = prefixBytes; start + headerBytes <= bytes.length; ) {
    const end =
      start + headerBytes + bytes.readUInt32LE(start + 20) + bytes.readUInt32LE(start + 24);
    if (end > bytes.length || end <= start) break;
    records.push({ start, end });
    start = end;
  }
  return records;
}

function numbersIn(bytes: Buffer): Set<number> {
  const numbers = new Set<number>();
  for (let at = bytes.indexOf('externalId'); at >= 0; at = bytes.indexOf('externalId', at + 10)) {
    // A MessagePack string of 12 bytes follows the key.
    const number = numberOf(bytes.toString('latin1', at + 11, at + 23));
    if (number !== null) numbers.add(number);
  }
  return numbers;
}
