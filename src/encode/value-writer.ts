/**
 * Writes an object of the detector (an alert) as MessagePack, within a budget. Alerts are rare, so
 * this is written for the reader. Their strings come from the event, the config and the baseline,
 * so nothing but the budget bounds them: if an object does not fit, its longest strings are cut.
 */
import type { EntryWriter } from './entry-writer.js';

/** Numbers under these names are fractions in some records, hence floats in all. */
const fractions: ReadonlySet<string> = new Set(['percentile', 'ratio', 'threshold_bytes']);

type Entries = readonly (readonly [string, unknown])[];

/** The most elements of a list that are written. */
const maxElements = 64;
/** Strings are never cut below this many bytes: any alert fits into the least budget with it. */
const leastCutBytes = 32;

/** Writes a map of what `object` holds; what is null, undefined or not finite is left out. */
export function writeObject(writer: EntryWriter, object: object, budgetBytes: number): void {
  write(writer, object, '', cutFor(object, budgetBytes));
}

/** Writes what `object` holds into a map that is open; returns the number of its entries. */
export function writeEntries(writer: EntryWriter, object: object, budgetBytes: number): number {
  const entries = entriesOf(object);
  writeEach(writer, entries, cutFor(object, budgetBytes));
  return entries.length;
}

/** How long strings may be so that `object` fits. */
function cutFor(object: object, budgetBytes: number): number {
  let maxTextBytes = Number.POSITIVE_INFINITY;
  while (sizeOf(object, maxTextBytes) > budgetBytes && maxTextBytes > leastCutBytes) {
    maxTextBytes = Math.max(leastCutBytes, Math.floor(Math.min(maxTextBytes, budgetBytes) / 2));
  }
  return maxTextBytes;
}

function write(writer: EntryWriter, value: unknown, name: string, maxTextBytes: number): void {
  if (typeof value === 'string') {
    writer.string(cut(value, maxTextBytes));
  } else if (typeof value === 'number') {
    if (isFraction(value, name)) writer.float(value);
    else writer.integer(value);
  } else if (typeof value === 'boolean') {
    writer.bool(value);
  } else if (Array.isArray(value)) {
    const elements = elementsOf(value);
    writer.arrayHeader(elements.length);
    for (const element of elements) write(writer, element, name, maxTextBytes);
  } else {
    const entries = entriesOf(value as object);
    writer.mapHeader(entries.length);
    writeEach(writer, entries, maxTextBytes);
  }
}

function writeEach(writer: EntryWriter, entries: Entries, maxTextBytes: number): void {
  for (const [key, value] of entries) {
    writer.string(key);
    write(writer, value, key, maxTextBytes);
  }
}

/** Upper bound of what `write` takes. */
function sizeOf(value: unknown, maxTextBytes: number): number {
  if (typeof value === 'string') return 5 + Math.min(Buffer.byteLength(value), maxTextBytes);
  if (Array.isArray(value)) {
    let size = 3;
    for (const element of elementsOf(value)) size += sizeOf(element, maxTextBytes);
    return size;
  }
  if (typeof value === 'object') {
    let size = 3;
    for (const [key, inner] of entriesOf(value as object)) {
      size += 5 + key.length + sizeOf(inner, maxTextBytes);
    }
    return size;
  }
  return 9;
}

function isFraction(value: number, name: string): boolean {
  return fractions.has(name) || !Number.isSafeInteger(value);
}

function elementsOf(list: readonly unknown[]): readonly unknown[] {
  return list.filter(isPresent).slice(0, maxElements);
}

function entriesOf(object: object): Entries {
  return Object.entries(object).filter(([, value]) => isPresent(value));
}

function isPresent(value: unknown): boolean {
  return typeof value === 'number' ? Number.isFinite(value) : value !== undefined && value !== null;
}

/** At most `maxBytes` bytes of `text`, whole characters only. */
function cut(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text);
  let end = maxBytes;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
