/** Holds docs/exclusions.md to the code: its examples run, and its tables name what there is. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import type { Config, MatchMap } from '../../../src/config/config.js';
import { loadConfig } from '../../../src/config/load.js';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';
import {
  departmentTexts,
  genericFields,
  parentProcessTexts,
} from '../../../src/detect/exclusions/generic-fields.js';
import { keys } from '../../../src/dictionary/dictionary.js';
import { facts, matcher } from './try-exclusion.js';

const manual = readFileSync(join(repository(), 'docs', 'exclusions.md'), 'utf8');
const blocks = [...manual.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text]) => text!);

t.test('every whole example is a valid config', async (t) => {
  const configs = blocks.filter((text) => text.startsWith('exclusions:'));
  t.ok(configs.length >= 2);
  const check = ({ exclusions }: Config) => compileExclusions(exclusions).problems;
  for (const text of configs) {
    t.ok(loadConfig({ text, env: {}, check }).exclusions.length > 0, text);
  }
});

t.test('every modifier line does what it says', async (t) => {
  const lines = blocks
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.includes('# yes:'));
  t.ok(lines.length >= 20, `${lines.length} lines`);
  const modifiers = new Set<string>();
  for (const line of lines) {
    const [, rule, yes, no] = /^(.*?)\s+# yes: (.*?) {2,}no: (.*)$/.exec(line)!;
    const map = parse(rule!) as MatchMap;
    const [key] = Object.keys(map);
    const [field, ...used] = key!.split('|');
    for (const modifier of used) modifiers.add(modifier);
    const test = matcher(map);
    for (const value of yes!.split(', '))
      t.ok(test(facts({ [field!]: value })), `${line}: ${value}`);
    for (const value of no!.split(', ')) {
      t.notOk(test(facts({ [field!]: value })), `${line}: ${value}`);
    }
  }
  const shown = 'all cased cidr contains domain endswith gt gte i lt lte re startswith'.split(' ');
  t.strictSame([...modifiers].sort(), shown);
});

t.test(
  'the table of names that stand for several fields is complete, and names no others',
  async (t) => {
    const section = manual.split('### Names that stand for several fields')[1]!.split('\n##')[0]!;
    const documented = [...section.matchAll(/^\| (`.*?) \|/gm)]
      .flatMap(([, cell]) => cell!.split(', '))
      .map((name) => name.replaceAll('`', ''));
    t.strictSame(documented.sort(), [...genericFields.keys()].sort());
  },
);

t.test('the table names the keys that each name looks at', async (t) => {
  const rows = [...manual.matchAll(/^\| (`[^|]*?) \| ([^|]*) \|$/gm)];
  const isKey = (name: string): boolean => keys.some(({ key }) => key !== '' && key === name);
  let compared = 0;
  for (const [, names, cell] of rows) {
    const sources = names!
      .split(', ')
      .flatMap((name) => genericFields.get(name.replaceAll('`', '')) ?? []);
    if (sources.length === 0 || /see \[|all of/.test(cell!)) continue;
    const read = sources
      .map(({ id }) => id.split(' of ').at(-1)!.replace('judged url', 'request'))
      .filter(isKey);
    const named = [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!).filter(isKey);
    t.strictSame([...new Set(named)].sort(), [...new Set(read)].sort(), names!);
    compared++;
  }
  t.ok(compared > 20, `${compared} rows`);
});

t.test('the labels of parent process and department are those of the code', async (t) => {
  const text = manual.replace(/\s+/g, ' ');
  const parents = /custom fields labelled (.*?);/.exec(text)![1]!.split(/, | or /);
  t.strictSame(parents, parentProcessTexts);
  const departments = /\| `department` \| labels (.*?), and keys/.exec(text)![1]!.split(', ');
  t.strictSame(departments, departmentTexts);
});

function repository(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, 'package.json'))) at = dirname(at);
  return at;
}
