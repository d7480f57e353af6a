/**
 * The reused table of offsets that decode fills and the later stages read: what a frame holds and
 * where. One instance per pipeline. Nothing in it outlives the call in which it was filled.
 *
 * Offsets index `bytes`, which is the frame's own buffer, or a repaired copy if the frame was not
 * valid UTF-8 (`repaired`); `raw*` always name the bytes as received. An absent part has
 * start = end = 0.
 */

import { extensionEscapes, headerEscapes, isWhiteSpace, unescaped } from './cef-text.js';
import { keyCount } from './dictionary/dictionary.js';

/** Who sent a frame. One object per connection (or per remembered UDP sender), never per event. */
export interface Peer {
  /** Textual IP address; an IPv4-mapped IPv6 address is given as IPv4. `-` for a file or stdin. */
  readonly address: string;
}

/** Header positions of CEF (ArcSight CEF rev. 25, section "Header Information"). */
export const Header = {
  version: 0,
  vendor: 1,
  product: 2,
  deviceVersion: 3,
  classId: 4,
  name: 5,
  severity: 6,
} as const;

/** Bits of `Fields.flags`. */
export const FieldFlag = {
  /** The value holds a backslash, so it must be unescaped on the way out. */
  escaped: 1,
  /** The key is spelled exactly as in the dictionary (else it differs in case, or is unknown). */
  exact: 2,
  /** A later field has the same key (byte for byte): this one is not forwarded. */
  superseded: 4,
} as const;

/** Why an event carries `parse_error`. The texts are `parseErrors[problem]`. */
export const Problem = {
  none: 0,
  notCef: 1,
  headerCut: 2,
  textBeforeFirstKey: 3,
  tooManyFields: 4,
  empty: 5,
} as const;
export type Problem = (typeof Problem)[keyof typeof Problem];

export const parseErrors: readonly string[] = [
  '',
  'not CEF',
  'CEF header has fewer than 7 fields',
  'text before the first extension key',
  'more fields than listen.max_fields',
  'empty message',
];

/** How the year or zone of a time was found. */
export const Zone = { explicit: 0, dtz: 1, feed: 2, assumed: 3 } as const;

/** A view on all of the bytes. To make one costs as much as decoding an event: keep it with its buffer. */
export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

export class Fields {
  // ── the frame ────────────────────────────────────────────────────────────────────────────────
  raw: Buffer = Buffer.alloc(0);
  rawStart = 0;
  rawEnd = 0;
  /** Bytes the sender sent; more than `rawEnd - rawStart` if the frame was cut at `max_message`. */
  originalLength = 0;
  receivedAtMs = 0;
  peer: Peer = { address: '-' };
  /** The bytes that all offsets below index; set by `pointAt`. */
  bytes: Buffer = this.raw;
  /** On all of `bytes`: for reading several bytes at once. */
  view: DataView = viewOf(this.raw);
  start = 0;
  end = 0;
  /** True if the frame was not valid UTF-8: `bytes` is a copy with U+FFFD in place of bad bytes. */
  repaired = false;

  // ── syslog header (RFC 5424, RFC 3164) ───────────────────────────────────────────────────────
  /** PRI value 0..191, or -1. Facility = pri >> 3, severity = pri & 7. */
  pri = -1;
  hostStart = 0;
  hostEnd = 0;
  appStart = 0;
  appEnd = 0;
  procStart = 0;
  procEnd = 0;
  msgIdStart = 0;
  msgIdEnd = 0;
  sdStart = 0;
  sdEnd = 0;
  /** What follows the syslog header: the text of `message` for what is not CEF. */
  messageStart = 0;
  messageEnd = 0;

  // ── CEF ──────────────────────────────────────────────────────────────────────────────────────
  isCef = false;
  problem: Problem = Problem.none;
  /** By `Header`; absent: start = end = 0. */
  readonly headerStart = new Int32Array(7);
  readonly headerEnd = new Int32Array(7);
  /** Bit n: header n holds a backslash. */
  headerEscaped = 0;
  /** Number of extension fields, in order of appearance. */
  count = 0;
  readonly keyStart: Int32Array;
  readonly keyEnd: Int32Array;
  readonly valueStart: Int32Array;
  readonly valueEnd: Int32Array;
  /** Dictionary id, 0 if the key is not in it. */
  readonly keyId: Int16Array;
  readonly flags: Uint8Array;
  /** Dictionary id -> 1 + index of its last field, valid where `stamp[id] === generation`. */
  readonly last = new Int32Array(keyCount);
  readonly stamp = new Int32Array(keyCount);
  generation = 0;
  /** Fields whose key had been seen before in this event (compared by dictionary id or by bytes). */
  duplicates = 0;

  // ── time ─────────────────────────────────────────────────────────────────────────────────────
  /** `rt`, else the syslog stamp, epoch ms; NaN if there is none that can be read. */
  eventTimeMs = Number.NaN;
  /** How the zone of `eventTimeMs` was found, one of `Zone`. */
  zone: number = Zone.explicit;

  readonly maxFields: number;

  constructor(maxFields: number) {
    this.maxFields = maxFields;
    this.keyStart = new Int32Array(maxFields);
    this.keyEnd = new Int32Array(maxFields);
    this.valueStart = new Int32Array(maxFields);
    this.valueEnd = new Int32Array(maxFields);
    this.keyId = new Int16Array(maxFields);
    this.flags = new Uint8Array(maxFields);
  }

  /** All offsets are in `bytes` from here on. A chunk of a stream holds many frames: one view does. */
  pointAt(bytes: Buffer): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  get truncated(): boolean {
    return this.originalLength > this.rawEnd - this.rawStart;
  }

  /** Index of the last field with this dictionary id, or -1. An empty value counts as present. */
  indexOf(id: number): number {
    return this.stamp[id] === this.generation ? this.last[id]! - 1 : -1;
  }

  /** Unescaped value of field `index` as a string. Allocates: for JPEG events and tools only. */
  value(index: number): string {
    const start = this.valueStart[index]!;
    const end = this.valueEnd[index]!;
    return this.flags[index]! & FieldFlag.escaped
      ? unescaped(this.bytes, start, end, extensionEscapes)
      : this.bytes.toString('utf8', start, end);
  }

  /**
   * End of the value of field `index` without the white space that ends it: CEF counts all blanks
   * but the last before a key as part of the value (C13), which what is judged or typed does not
   * want.
   */
  trimmedEnd(index: number): number {
    const start = this.valueStart[index]!;
    let end = this.valueEnd[index]!;
    while (end > start && isWhiteSpace(this.bytes[end - 1]!)) end--;
    return end;
  }

  /** `value(index)` without white space at either end. Allocates. */
  trimmed(index: number): string {
    return this.value(index).trim();
  }

  /** Unescaped value by dictionary id; '' if absent or empty (both mean absent in CEF, C19). */
  text(id: number): string {
    const index = this.indexOf(id);
    return index < 0 ? '' : this.value(index);
  }

  /** Key of field `index` as spelled by the sender. Allocates. */
  key(index: number): string {
    return this.bytes.toString('latin1', this.keyStart[index]!, this.keyEnd[index]!);
  }

  /** Unescaped header field, one of `Header`. Allocates. */
  header(which: number): string {
    const start = this.headerStart[which]!;
    const end = this.headerEnd[which]!;
    return this.headerEscaped & (1 << which)
      ? unescaped(this.bytes, start, end, headerEscapes)
      : this.bytes.toString('utf8', start, end);
  }
}
