/**
 * Fields of one event for tests of what comes after decode: made here, without the decoder, from pairs
 * of key and value. A value is given as the sender means it; `raw` takes it as it stands in the frame.
 */
import { findKey, keyCount } from '../../src/dictionary/dictionary.js';
import { FieldFlag, Fields, type Problem } from '../../src/fields.js';

export interface EventOptions {
  readonly receivedAtMs?: number;
  readonly eventTimeMs?: number;
  readonly problem?: Problem;
  readonly isCef?: boolean;
  readonly truncated?: boolean;
  /** Values are already in CEF's escaped form. */
  readonly raw?: boolean;
}

type Pairs = readonly (readonly [string, string])[] | Readonly<Record<string, string>>;

export function event(pairs: Pairs, options: EventOptions = {}): Fields {
  const fields = new Fields(64);
  fields.generation = 1;
  fields.isCef = options.isCef ?? true;
  fields.problem = options.problem ?? 0;
  fields.receivedAtMs = options.receivedAtMs ?? 0;
  fields.eventTimeMs = options.eventTimeMs ?? Number.NaN;
  // The frame does not begin at 0 and does not end with the buffer: offsets must be used as such.
  const parts: Buffer[] = [Buffer.from('XXXX')];
  let at = 4;
  const add = (text: string) => {
    const bytes = Buffer.from(text);
    parts.push(bytes);
    at += bytes.length;
  };
  const list = Array.isArray(pairs) ? pairs : Object.entries(pairs);
  for (const [key, value] of list as readonly (readonly [string, string])[]) {
    const index = fields.count++;
    fields.keyStart[index] = at;
    add(key);
    fields.keyEnd[index] = at;
    add('=');
    const written = options.raw ? value : escapeValue(value);
    fields.valueStart[index] = at;
    add(written);
    fields.valueEnd[index] = at;
    add(' ');
    if (written.includes('\\')) fields.flags[index] = FieldFlag.escaped;
  }
  add('YYYY');
  fields.pointAt(Buffer.concat(parts));
  fields.raw = fields.bytes;
  fields.start = fields.rawStart = 4;
  fields.end = fields.rawEnd = at - 4;
  fields.originalLength = fields.rawEnd - fields.rawStart + (options.truncated ? 1 : 0);
  for (let index = 0; index < fields.count; index++) indexKey(fields, index);
  return fields;
}

function indexKey(fields: Fields, index: number): void {
  const id = Math.abs(findKey(fields.bytes, fields.keyStart[index]!, fields.keyEnd[index]!));
  fields.keyId[index] = id;
  if (id === 0 || id >= keyCount) return;
  const earlier = fields.indexOf(id);
  if (earlier >= 0) {
    fields.flags[earlier] = fields.flags[earlier]! | FieldFlag.superseded;
    fields.duplicates++;
  }
  fields.stamp[id] = fields.generation;
  fields.last[id] = index + 1;
}

function escapeValue(value: string): string {
  return value.replace(/[\\=]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r');
}
