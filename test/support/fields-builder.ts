/**
 * Fields of one whole event for tests of what comes after decode: extension keys as
 * `event-builder.ts` takes them, and also the header, the syslog part and the sender.
 */
import { FieldFlag, type Fields, Header } from '../../src/fields.js';
import { type EventOptions, event } from './event-builder.js';

export interface WholeEvent extends EventOptions {
  readonly header?: Readonly<Partial<Record<keyof typeof Header, string>>>;
  readonly hostname?: string;
  readonly appName?: string;
  readonly peer?: string;
}

export function buildFields(
  extension: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  { header = {}, hostname, appName, peer, ...options }: WholeEvent = {},
): Fields {
  const fields = event(extension, options);
  countOtherDuplicates(fields);
  if (peer !== undefined) fields.peer = { address: peer };
  for (const [part, text] of Object.entries(header)) {
    const position = Header[part as keyof typeof Header];
    const written = text.replace(/[\\|]/g, '\\$&');
    [fields.headerStart[position], fields.headerEnd[position]] = append(fields, written);
    if (written.includes('\\')) fields.headerEscaped |= 1 << position;
  }
  if (hostname !== undefined) [fields.hostStart, fields.hostEnd] = append(fields, hostname);
  if (appName !== undefined) [fields.appStart, fields.appEnd] = append(fields, appName);
  return fields;
}

/** Where the bytes stand does not matter to readers of offsets: at the end they move no others. */
function append(fields: Fields, text: string): readonly [number, number] {
  const bytes = Buffer.from(text);
  const start = fields.bytes.length;
  fields.pointAt(Buffer.concat([fields.bytes, bytes]));
  return [start, start + bytes.length];
}

/** Keys outside the dictionary are compared by their bytes. */
function countOtherDuplicates(fields: Fields): void {
  const last = new Map<string, number>();
  for (let index = 0; index < fields.count; index++) {
    if (fields.keyId[index] !== 0) continue;
    const key = fields.key(index);
    const earlier = last.get(key);
    if (earlier !== undefined) {
      fields.flags[earlier] = fields.flags[earlier]! | FieldFlag.superseded;
      fields.duplicates++;
    }
    last.set(key, index);
  }
}
