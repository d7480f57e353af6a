/**
 * The names that a record gives to what stegwatch itself says, and the guard that keeps them its
 * own.
 *
 * An extension key that reads as one of them, whatever its case, is forwarded as `ext_<key>`: some
 * sinks fold case, and text in an event must not look like an alert in any of them. The same holds
 * for `alert.level`: some sinks take a dot for a path. So that two keys never meet in one name, a
 * key that is already `ext_…ext_<reserved>` gets one more `ext_`. The set of such keys is closed
 * under that step, hence the renaming is injective.
 *
 * This is for records with names as in CEF. With other names no unknown key stands beside
 * stegwatch's own: it is in `AdditionalExtensions`, or begins with `cef.extensions.`.
 */
import { headerNames } from '../dictionary/header-names.js';

/** Every name of a record that is not an extension key. docs/record.md describes each one. */
export const recordNames: readonly string[] = [
  ...headerNames.map((header) => header.record),
  'invalid',
  'syslog',
  'peer',
  'event_id',
  'received_at',
  'event_time',
  'zone_assumed',
  'parse_error',
  'message',
  'truncated',
  'original_length',
  'raw',
  'raw_base64',
  'alert',
  'alert_suppressed',
];

/**
 * No name of a record, but decoders in JavaScript refuse a map with it, the official client's
 * receiver among them: one such event would hold back the chunk that it is in for ever.
 */
const refusedName = '__proto__';
const guarded: readonly string[] = [...recordNames, refusedName];

const dot = 0x2e;

/** What a key that collides is prefixed with. */
export const keyPrefix = Buffer.from('ext_', 'latin1');

/** Names by length, so that most keys are settled by one array read. */
const byLength: readonly (readonly Buffer[])[] = Array.from(
  { length: 1 + Math.max(...guarded.map((name) => name.length)) },
  (_, length) => guarded.filter((name) => name.length === length).map((name) => Buffer.from(name)),
);

/** True if the key in `bytes[start, end)` must be renamed. */
export function isReserved(bytes: Uint8Array, start: number, end: number): boolean {
  let from = start;
  while (end - from > keyPrefix.length && sameLetters(bytes, from, keyPrefix)) {
    from += keyPrefix.length;
  }
  const most = Math.min(end, from + byLength.length);
  let length = 0;
  while (from + length < most && bytes[from + length] !== dot) length++;
  if (length >= byLength.length) return false;
  const names = byLength[length]!;
  for (let i = 0; i < names.length; i++) if (sameLetters(bytes, from, names[i]!)) return true;
  return false;
}

/** Compares without regard to case; `name` is in lower case. */
function sameLetters(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[at + i]!;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (lower !== name[i]) return false;
  }
  return true;
}
