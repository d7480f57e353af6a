/**
 * Fills a table of offsets from the parts of an event, without a decoder: tests of later stages
 * then say exactly what they are given, and do not fail for a mistake of decode.
 */
import { findKey } from '../../src/dictionary/dictionary.js';
import { FieldFlag, Fields, Problem } from '../../src/fields.js';

export interface EventParts {
  /** PRI, -1 for none. */
  readonly pri?: number;
  readonly host?: string;
  readonly app?: string;
  readonly proc?: string;
  readonly msgId?: string;
  readonly structuredData?: string;
  /** CEF header fields as on the wire (escaped), in the order of `Header`; fewer than 7 = cut. */
  readonly header?: readonly string[];
  /** Extension pairs as on the wire (escaped), in order. */
  readonly extension?: readonly (readonly [key: string, value: string])[];
  /** Text after the syslog header; default: the CEF text. */
  readonly message?: string;
  readonly problem?: Problem;
  readonly eventTimeMs?: number;
  readonly zone?: number;
  readonly receivedAtMs?: number;
  readonly peer?: string;
  /** Bytes as received of a frame that was not valid UTF-8: makes the event a repaired one. */
  readonly rawBytes?: Buffer;
  /** Bytes that were cut off at `max_message`. */
  readonly cutBytes?: number;
}

export function buildTable(parts: EventParts, maxFields = 512): Fields {
  const fields = new Fields(maxFields);
  fillTable(fields, parts);
  return fields;
}

export function fillTable(fields: Fields, parts: EventParts): void {
  const text = new FrameText();
  fields.pri = parts.pri ?? -1;
  if (fields.pri >= 0) text.append(`<${fields.pri}>1 - `);
  [fields.hostStart, fields.hostEnd] = text.part(parts.host);
  [fields.appStart, fields.appEnd] = text.part(parts.app);
  [fields.procStart, fields.procEnd] = text.part(parts.proc);
  [fields.msgIdStart, fields.msgIdEnd] = text.part(parts.msgId);
  [fields.sdStart, fields.sdEnd] = text.part(parts.structuredData);
  fields.messageStart = text.length;
  if (parts.message !== undefined) text.append(parts.message);
  fillHeader(fields, text, parts.header ?? []);
  fillExtension(fields, text, parts.extension ?? []);
  fields.messageEnd = text.length;
  fields.pointAt(text.toBuffer());
  fields.start = 0;
  fields.end = text.length;
  fields.raw = parts.rawBytes ?? fields.bytes;
  fields.rawStart = 0;
  fields.rawEnd = parts.rawBytes?.length ?? text.length;
  fields.repaired = parts.rawBytes !== undefined;
  fields.originalLength = fields.rawEnd + (parts.cutBytes ?? 0);
  fields.receivedAtMs = parts.receivedAtMs ?? Date.UTC(2026, 10, 24, 10, 15, 32, 123);
  fields.peer = { address: parts.peer ?? '-' };
  fields.isCef = parts.header?.length === 7;
  fields.problem = parts.problem ?? Problem.none;
  fields.eventTimeMs = parts.eventTimeMs ?? Number.NaN;
  fields.zone = parts.zone ?? 0;
  fillFlags(fields);
}

function fillHeader(fields: Fields, text: FrameText, header: readonly string[]): void {
  fields.headerStart.fill(0);
  fields.headerEnd.fill(0);
  fields.headerEscaped = 0;
  header.forEach((value, which) => {
    text.append(which === 0 ? 'CEF:' : '|');
    fields.headerStart[which] = text.length;
    text.append(value);
    fields.headerEnd[which] = text.length;
    if (value.includes('\\')) fields.headerEscaped |= 1 << which;
  });
}

function fillExtension(
  fields: Fields,
  text: FrameText,
  extension: NonNullable<EventParts['extension']>,
): void {
  fields.count = extension.length;
  extension.forEach(([key, value], i) => {
    text.append(i === 0 ? '|' : ' ');
    fields.keyStart[i] = text.length;
    text.append(key);
    fields.keyEnd[i] = text.length;
    text.append('=');
    fields.valueStart[i] = text.length;
    text.append(value);
    fields.valueEnd[i] = text.length;
  });
}

/** Dictionary ids, flags and the index of last fields, once the bytes are there. */
function fillFlags(fields: Fields): void {
  const last = new Map<string, number>();
  fields.generation++;
  fields.duplicates = 0;
  for (let i = 0; i < fields.count; i++) {
    const found = findKey(fields.bytes, fields.keyStart[i]!, fields.keyEnd[i]!);
    const escaped = fields.bytes
      .subarray(fields.valueStart[i]!, fields.valueEnd[i]!)
      .includes(0x5c);
    fields.keyId[i] = Math.abs(found);
    fields.flags[i] = (escaped ? FieldFlag.escaped : 0) | (found > 0 ? FieldFlag.exact : 0);
    const earlier = last.get(fields.key(i));
    if (earlier !== undefined) {
      fields.flags[earlier]! |= FieldFlag.superseded;
      fields.duplicates++;
    }
    last.set(fields.key(i), i);
    if (found !== 0) {
      fields.last[Math.abs(found)] = i + 1;
      fields.stamp[Math.abs(found)] = fields.generation;
    }
  }
}

class FrameText {
  length = 0;
  readonly #parts: Buffer[] = [];

  append(text: string): void {
    const bytes = Buffer.from(text);
    this.#parts.push(bytes);
    this.length += bytes.length;
  }

  /** Appends a part and a blank; its bounds, or 0, 0 for an absent one. */
  part(text: string | undefined): [start: number, end: number] {
    if (text === undefined) return [0, 0];
    const start = this.length;
    this.append(text);
    const end = this.length;
    this.append(' ');
    return [start, end];
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
