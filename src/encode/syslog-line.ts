/**
 * Writes an entry for a receiver of syslog: the line as it came, untouched, with its length before it (RFC 6587,
 * octet counting, whatever the framing on the way). What is added: the keys of an alert, after the last visible
 * byte. What is changed: a sender's own key that begins with `stegwatch` becomes `ext_stegwatch…`, so that text in
 * an event cannot pass for an alert.
 */
import { type Fields, Problem } from '../fields.js';
import type { OutputCounters } from '../observe/counters.js';
import type { Encoder } from '../stages.js';
import type { Verdict } from '../verdict.js';
import { alertExtension, alertKeyPrefix, maxAlertExtensionBytes } from './alert-extension.js';

const renamed = Buffer.from('ext_', 'latin1');
const prefix = Buffer.from(alertKeyPrefix, 'latin1');
/** Digits and the blank after them: a frame is less than 1 GB. */
const maxCountBytes = 10;

export class SyslogLineEncoder implements Encoder {
  readonly #counters: Pick<OutputCounters, 'keys_renamed'>;

  constructor(counters: Pick<OutputCounters, 'keys_renamed'>) {
    this.#counters = counters;
  }

  /** A key like ours has 11 bytes at least, with the blank before it and its `=`, and grows by 4. */
  maxEntryBytes(length: number): number {
    return maxCountBytes + Math.ceil((15 / 11) * length) + maxAlertExtensionBytes;
  }

  entry(fields: Fields, verdict: Verdict, out: Buffer, at: number): number {
    const { raw, rawStart, rawEnd } = fields;
    const { alert, suppressed } = verdict;
    const isPlain = alert === null && suppressed === null && !mayForge(fields);
    if (isPlain) {
      const begin = writeCount(out, at, rawEnd - rawStart);
      raw.copy(out, begin, rawStart, rawEnd);
      return begin + rawEnd - rawStart;
    }
    // Its length is known at the end only.
    const begin = at + maxCountBytes;
    const visible = visibleEnd(fields);
    let end = this.#guarded(raw, out, begin, rawStart, visible);
    end += out.write(alertExtension(alert, suppressed), end, 'utf8');
    raw.copy(out, end, visible, rawEnd);
    end += rawEnd - visible;
    const moved = writeCount(out, at, end - begin);
    out.copyWithin(moved, begin, end);
    return moved + end - begin;
  }

  /** Byte by byte: it is seldom needed, and then nobody vouches for where keys begin. */
  #guarded(raw: Buffer, out: Buffer, at: number, start: number, end: number): number {
    let to = at;
    for (let i = start; i < end; i++) {
      if (raw[i] === prefix[0] && beginsKey(raw, start, i) && isOurKey(raw, i, end)) {
        renamed.copy(out, to);
        to += renamed.length;
        this.#counters.keys_renamed++;
      }
      out[to++] = raw[i]!;
    }
    return to;
  }
}

/** Offsets are of `bytes`, which is another buffer for a repaired frame; and what is not parsed has none. */
function mayForge(fields: Fields): boolean {
  if (fields.repaired || fields.problem !== Problem.none) return true;
  const { bytes, keyId, keyStart, count } = fields;
  for (let i = 0; i < count; i++) {
    if (keyId[i] === 0 && isOurKey(bytes, keyStart[i]!, fields.keyEnd[i]! + 1)) return true;
  }
  return false;
}

function beginsKey(raw: Buffer, start: number, at: number): boolean {
  if (at === start) return true;
  const before = raw[at - 1]!;
  return before <= 0x20 || before === 0x7c; // |
}

/** `stegwatch`, what a key may go on with, and `=` before `end`. */
function isOurKey(bytes: Buffer, start: number, end: number): boolean {
  if (end - start <= prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix[i]) return false;
  for (let i = start + prefix.length; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 0x3d) return true; // =
    if (byte <= 0x20) return false;
  }
  return false;
}

/** Some senders end a line with blanks or a NUL, which are no part of the last value. */
function visibleEnd({ raw, rawStart, rawEnd }: Fields): number {
  let end = rawEnd;
  while (end > rawStart && raw[end - 1]! <= 0x20) end--;
  return end;
}

/** Writes `LENGTH `, and returns where the line begins. */
function writeCount(out: Buffer, at: number, length: number): number {
  let digits = 1;
  for (let rest = length; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  let rest = length;
  for (let i = at + digits - 1; i >= at; i--) {
    out[i] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  out[at + digits] = 0x20;
  return at + digits + 1;
}
