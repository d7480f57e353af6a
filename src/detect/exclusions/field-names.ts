/**
 * Finds what a field name of an exclusion means. Looked up once, at start. Spelling as in the
 * tables comes first; then upper and lower case do not matter (wire keys are matched so, too).
 */
import { keys } from '../../dictionary/dictionary.js';
import { headerNames } from '../../dictionary/header-names.js';
import { nearest } from '../../nearest.js';
import {
  headerSource,
  keySource,
  labelSource,
  type Source,
  vendorKeySource,
} from './field-sources.js';
import { genericFields } from './generic-fields.js';
import { quote } from './quote.js';

/** The sources a name stands for, or a sentence that says what is wrong with it. */
export function resolveField(name: string): readonly Source[] | string {
  const prefixed = /^(label|key):(.*)$/is.exec(name);
  if (prefixed) return explicit(prefixed[1]!.toLowerCase(), prefixed[2]!.trim());
  if (name === '') return 'the field name is missing';
  const known = byName.get(name) ?? byFoldedName.get(name.toLowerCase());
  if (known) return known;
  // No name of the tables holds a blank, and most labels do: it can only be meant as one.
  if (/\s/.test(name)) return [labelSource(name)];
  const near = nearest(name, byName.keys());
  const hint =
    near === '' ? 'docs/exclusions.md lists the names' : `the nearest name is ${quote(near)}`;
  return (
    `unknown field ${quote(name)}; ${hint}` +
    ` (the text of a custom label is written label:TEXT, a vendor's own key key:NAME)`
  );
}

function explicit(kind: string, text: string): readonly Source[] | string {
  if (text === '') return `${kind}: needs a name after the colon`;
  return kind === 'label' ? [labelSource(text)] : [vendorKeySource(text)];
}

/** As the CEF document writes the header, in header order; '' where another name is the same. */
const spacedHeaderNames: readonly string[] = [
  'CEF Version',
  'Device Vendor',
  'Device Product',
  'Device Version',
  'Device Event Class ID',
  '',
  '',
];

const { byName, byFoldedName } = tables();

function tables(): {
  byName: ReadonlyMap<string, readonly Source[]>;
  byFoldedName: ReadonlyMap<string, readonly Source[]>;
} {
  const names = new Map<string, readonly Source[]>(genericFields);
  const add = (name: string, sources: readonly Source[]): void => {
    if (name !== '' && !names.has(name)) names.set(name, sources);
  };
  const known = keys.filter((k) => k.id > 0);
  for (const { key } of known) add(key, [keySource(key)]);
  headerNames.forEach(({ record, fullName, column, ecs }, position) => {
    const spaced = spacedHeaderNames[position]!;
    for (const name of [record, fullName, column, ecs, spaced]) {
      add(name, [headerSource(record, position)]);
    }
  });
  for (const { key, fullName } of known) add(fullName, [keySource(key)]);
  for (const { key, column } of known) add(column, [keySource(key)]);
  for (const { ecs } of known) {
    // Several keys may fill one ECS field.
    add(
      ecs,
      known.filter((k) => k.ecs === ecs).map((k) => keySource(k.key)),
    );
  }
  const folded = new Map<string, readonly Source[]>();
  for (const [name, sources] of names) {
    const lower = name.toLowerCase();
    if (!folded.has(lower)) folded.set(lower, sources);
  }
  return { byName: names, byFoldedName: folded };
}
