/** Which custom fields take the name of their label, built the plain way. See expected-record.ts. */
import { keys } from '../../src/dictionary/dictionary.js';
import { FieldFlag, type Fields } from '../../src/fields.js';
import { isBadPath, type Names, numberIn, reserved, trimmed } from './expected-text.js';

export interface Labels {
  /** Field -> its name. */
  readonly names: ReadonlyMap<number, string>;
  /** Fields that are labels of those. */
  readonly dropped: ReadonlySet<number>;
}

const known = new Map(keys.slice(1).map(({ key, id }) => [key, id]));
const folded = new Set(keys.slice(1).map(({ key }) => key.toLowerCase()));

/** Controls, format characters (and what is not assigned between them), separators of lines. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u2065\u{e0001}-\u{e007f}]/u;

export function expectedLabels(fields: Fields, naming: Names): Labels {
  const names = new Map<number, string>();
  const dropped = new Set<number>();
  const active = Array.from({ length: fields.count }, (_, i) => i).filter(
    (i) => !(fields.flags[i]! & FieldFlag.superseded),
  );
  const outside = new Map(
    active.filter((i) => fields.keyId[i] === 0).map((i) => [fields.key(i), i] as const),
  );
  const taken = new Set(outside.keys());
  for (const label of active) {
    const value = valueOfLabel(fields, label, outside, naming);
    if (value < 0 || names.has(value) || names.has(label)) continue;
    if (dropped.has(value) || dropped.has(label)) continue;
    const name = nameOf(fields, label, value);
    if (name === null || meetsOne(name, taken)) continue;
    taken.add(name);
    names.set(value, name);
    dropped.add(label);
  }
  return { names, dropped };
}

function valueOfLabel(
  fields: Fields,
  label: number,
  outside: ReadonlyMap<string, number>,
  naming: Names,
): number {
  const id = fields.keyId[label]!;
  const key = id === 0 ? fields.key(label) : keys[id]!.key;
  if (!/.Label$/.test(key)) return -1;
  const base = key.slice(0, -'Label'.length);
  if (id === 0) return outside.get(base) ?? -1;
  const isLast = fields.indexOf(id) === label;
  if (naming === 'commonsecuritylog' || !isLast) return -1;
  return fields.indexOf(known.get(base)!);
}

function nameOf(fields: Fields, label: number, value: number): string | null {
  if (fields.flags[label]! & FieldFlag.escaped) return null;
  const wire = fields.bytes.toString('utf8', fields.valueStart[label]!, fields.valueEnd[label]!);
  const text = trimmed(wire);
  if (text === '' || Buffer.byteLength(text) > 64) return null;
  if (!/^[A-Za-z0-9\u0080-\u{10ffff}]/u.test(text) || /[\0-\x1f\x7f=;\\]/.test(text)) return null;
  if (isBadPath(text) || unseen.test(text) || / \((integer|float)\)\./.test(text)) return null;
  const root = text.split('.')[0]!.replace(/[A-Z]/g, (c) => c.toLowerCase());
  if (reserved.test(text) || folded.has(root)) return null;
  const { type } = keys[fields.keyId[value]!]!;
  if (type === 'string') return / \((integer|float)\)$/.test(text) ? null : text;
  const number = fields.bytes.toString('utf8', fields.valueStart[value]!, fields.valueEnd[value]!);
  return numberIn(number, type) === null ? null : `${text} (${type})`;
}

/** The name is there, or a path that leads to it or through it. */
function meetsOne(name: string, taken: ReadonlySet<string>): boolean {
  if (taken.has(name)) return true;
  return [...taken].some((one) => one.startsWith(`${name}.`) || name.startsWith(`${one}.`));
}
