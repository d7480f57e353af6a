/** docs/config.md and the code hold each other: keys, defaults, limits, presets, what is missing. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { z } from 'zod';
import { schemaKeys } from '../../src/config/keys.js';
import { presets } from '../../src/config/presets.js';
import { schema } from '../../src/config/schema.js';
import { unavailableKeys } from '../../src/config/unavailable.js';
import { parseDuration, parseSize } from '../../src/config/units.js';
import { load, problemsOf, yamlAt } from './loading.js';

const docs = readFileSync(new URL('../../../docs/config.md', import.meta.url), 'utf8');

/** Cells of the rows of all tables with this header. */
function rowsUnder(header: string): string[][] {
  const tables = docs.split(`${header}\n`).slice(1);
  return tables.flatMap((table) =>
    table
      .split('\n\n')[0]!
      .split('\n')
      .slice(1)
      .map((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()))
      .filter((cells) => cells.length > 2)
      .map((cells) => cells.slice(1, -1)),
  );
}

const plain = (cell: string) => cell.replaceAll('`', '');
const rows = rowsUnder('| key | type | default | limits | why |').map((cells) => ({
  key: plain(cells[0]!),
  type: cells[1]!,
  default: plain(cells[2]!),
  limits: cells[3]!,
}));
/** Maps whose keys stand in the table of the map around them. */
const maps = [
  ...['jpeg', 'skip', 'suppress', 'level'].map((key) => `detection.${key}`),
  ...['fluentd.spool', 'syslog.server', 'syslog.tls', 'syslog.spool', 'file.spool'].map(
    (key) => `forward.${key}`,
  ),
  ...['baseline', 'expect'].map((key) => `tests[].${key}`),
];
const headings = [...docs.matchAll(/^##+ `(.*)`$/gm)].map((match) => match[1]!);

t.test('every key is documented, and no other', async (t) => {
  const documented = new Set([...rows.map((row) => row.key), ...headings, ...maps]);
  t.same([...documented].sort(), schemaKeys.map((key) => key.label).sort());
  t.equal(new Set(rows.map((row) => row.key)).size, rows.length, 'once each');
  for (const key of schemaKeys) t.not(key.description, '', `${key.label} is described in code`);
});

t.test('the documented default is that of the schema', async (t) => {
  const ofPreset = Object.keys(presets.recommended).map((key) => `detection.${key}`);
  for (const { key: label, default: documented } of rows) {
    const key = schemaKeys.find((known) => known.label === label)!;
    if (documented === 'by preset') {
      t.ok(ofPreset.includes(label) || label === 'exclusions[].learn', label);
    } else if (documented === '—') {
      t.equal(key.default, undefined, label);
    } else {
      const text = typeof key.default === 'object' ? JSON.stringify(key.default) : key.default;
      t.equal(documented.replaceAll('"', ''), String(text), label);
    }
  }
});

t.test('the documented limits are those that hold', async (t) => {
  const ranges = rows.filter((row) => / to /.test(row.limits));
  t.ok(ranges.length >= 20, `${ranges.length} keys have a range`);
  for (const { key, type, limits } of ranges) {
    const [low, high] = [...limits.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
    const says = `must be ${low} to ${high}`;
    const { value, step } = kindOf(type);
    for (const bound of [low!, high!]) {
      t.notOk(refused(key, value(amount(bound, type))).includes(says), `${key}: ${bound} is in`);
    }
    t.match(refused(key, value(amount(high!, type) + step)), says, `${key}: above ${high}`);
    if (amount(low!, type) === 0) continue;
    t.match(refused(key, value(amount(low!, type) - step)), says, `${key}: below ${low}`);
  }
});

function kindOf(type: string): { value: (amount: number) => unknown; step: number } {
  if (type === 'size') return { value: (bytes) => `${bytes}B`, step: 1 };
  if (type === 'duration, whole hours') return { value: (ms) => `${ms}ms`, step: 3_600_000 };
  return type === 'duration'
    ? { value: (ms) => `${ms}ms`, step: 1 }
    : { value: (number) => number, step: 1 };
}

function amount(text: string, type: string): number {
  if (type === 'whole number') return Number(text);
  return (type === 'size' ? parseSize(text) : parseDuration(text)) ?? Number.NaN;
}

/** What is said of one key that has this value. */
function refused(key: string, value: unknown): string {
  try {
    load(yamlAt(key, value));
    return '';
  } catch {
    return problemsOf(yamlAt(key, value)).join('\n');
  }
}

t.test('the documented presets are those of the code', async (t) => {
  const table = rowsUnder('| key | `sentinel` | `recommended` |').map((cells) => cells.map(plain));
  const inCode = Object.entries(presets.recommended).map(([key, recommended]) => [
    key,
    yaml(presets.sentinel[key as keyof typeof presets.sentinel]),
    yaml(recommended),
  ]);
  t.same(table, inCode);
});

/** A lone dash is an item of a list to YAML. */
function item(value: unknown): string {
  return value === '-' ? '"-"' : String(value);
}

function yaml(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(item).join(', ')}]` : String(value);
}

t.test('a preset has every key of the detection that has no default', async (t) => {
  const open = schemaKeys.filter(
    (key) => key.path.startsWith('detection.') && key.default === undefined && !key.section,
  );
  const names = open.map((key) => key.path.slice('detection.'.length)).sort();
  t.same(Object.keys(presets.recommended).sort(), names);
  t.same(Object.keys(presets.sentinel).sort(), names);
});

t.test('what is not in this version is documented, and nothing else', async (t) => {
  const table = rowsUnder('| key | what it would do |').map((cells) => cells[0]!);
  const documented = table.map((cell) => cell.replaceAll(/`|\[\]/g, ''));
  t.same(documented.sort(), [...unavailableKeys.keys()].sort());
});

t.test('the schema can be given as JSON Schema', async (t) => {
  const json = JSON.stringify(z.toJSONSchema(schema, { io: 'input' }));
  for (const key of schemaKeys) t.match(json, JSON.stringify(key.description), key.label);
});
