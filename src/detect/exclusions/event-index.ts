/**
 * What an event holds beyond the dictionary: custom fields by the text of their labels, and
 * vendors' own keys. Each table is made once per event, and only if an exclusion asks for it.
 *
 * Labels: `cs1Label=Department` names `cs1`. The pair is the general one, `<key>` and `<key>Label`,
 * since vendors go beyond the dictionary (`cs9`, `cs67`; C38). Fields that share a label are
 * occurrences of one.
 */
import type { Fields } from '../../fields.js';

export const foldName = (name: string): string => name.trim().toLowerCase();

type Table = ReadonlyMap<string, readonly string[]>;
const nothing: readonly string[] = [];
const suffix = 'label';

export class EventIndex {
  #labels: Table | null = null;
  #vendorKeys: Table | null = null;

  /** Forgets the event. */
  clear(): void {
    this.#labels = null;
    this.#vendorKeys = null;
  }

  /** @param label as `foldName` gives it */
  valuesOfLabel(fields: Fields, label: string): readonly string[] {
    const keys = this.#labelsOf(fields).get(label);
    return keys ? valuesOfKeys(fields, new Set(keys)) : nothing;
  }

  /** @param key that the dictionary does not hold, as `foldName` gives it */
  valuesOfVendorKey(fields: Fields, key: string): readonly string[] {
    return this.#vendorKeysOf(fields).get(key) ?? nothing;
  }

  /** All labels and all vendors' keys of the event, in lower case. */
  names(fields: Fields): { readonly labels: readonly string[]; readonly keys: readonly string[] } {
    return {
      labels: [...this.#labelsOf(fields).keys()],
      keys: [...this.#vendorKeysOf(fields).keys()],
    };
  }

  #labelsOf(fields: Fields): Table {
    this.#labels ??= keysByLabel(fields);
    return this.#labels;
  }

  #vendorKeysOf(fields: Fields): Table {
    this.#vendorKeys ??= valuesByVendorKey(fields);
    return this.#vendorKeys;
  }
}

/** Label -> keys that carry it, all in lower case. */
function keysByLabel(fields: Fields): Table {
  const table = new Map<string, string[]>();
  for (let i = 0; i < fields.count; i++) {
    const end = fields.keyEnd[i]!;
    if (end - fields.keyStart[i]! <= suffix.length) continue;
    // 'L' or 'l' five bytes from the end: most keys are told apart without a string.
    if ((fields.bytes[end - suffix.length]! | 0x20) !== 0x6c) continue;
    const key = fields.key(i).toLowerCase();
    if (!key.endsWith(suffix)) continue;
    add(table, foldName(fields.value(i)), key.slice(0, -suffix.length));
  }
  return table;
}

function valuesByVendorKey(fields: Fields): Table {
  const table = new Map<string, string[]>();
  for (let i = 0; i < fields.count; i++) {
    if (fields.keyId[i] === 0) add(table, fields.key(i).toLowerCase(), fields.value(i));
  }
  return table;
}

function add(table: Map<string, string[]>, name: string, entry: string): void {
  const entries = table.get(name);
  if (entries) entries.push(entry);
  else table.set(name, [entry]);
}

/** Every value of these keys, whether the dictionary holds them or not, in one pass. */
function valuesOfKeys(fields: Fields, wanted: ReadonlySet<string>): readonly string[] {
  const found: string[] = [];
  for (let i = 0; i < fields.count; i++) {
    if (wanted.has(fields.key(i).toLowerCase())) found.push(fields.value(i));
  }
  return found;
}
