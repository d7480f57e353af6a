/** Holds docs/record.md against the code: its lists of names, and its example. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { createDecoder } from '../../src/decode/decode.js';
import { keys } from '../../src/dictionary/dictionary.js';
import { keyRows } from '../../src/dictionary/keys.js';
import { ecsNames } from '../../src/encode/ecs-names.js';
import { createForwardEncoder } from '../../src/encode/forward-entry.js';
import { headerNamesAs } from '../../src/encode/header-part.js';
import { recordNames } from '../../src/encode/record-names.js';
import { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { type Alert, type AlertSuppressed, Verdict } from '../../src/verdict.js';
import { type Decoded, decodeOne, plain } from '../support/msgpack.js';

const doc = readFileSync('docs/record.md', 'utf8');

/** Names in the first column of the table under a heading. */
function namesUnder(heading: string): string[] {
  const section = doc.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map((row) => row[1]!);
}

/** Text of the first code block of a language. */
function block(language: string): string {
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\n\`\`\``).exec(doc)![1]!;
}

// Of these types the compiler makes sure that no name is missing and none is made up.
const alertNames: Readonly<Record<keyof Alert, true>> = {
  id: true,
  rule: true,
  title: true,
  level: true,
  reason: true,
  direction: true,
  filename: true,
  url: true,
  account: true,
  host: true,
  host_state: true,
  bytes: true,
  threshold_bytes: true,
  percentile: true,
  ratio: true,
  samples: true,
  baseline_from: true,
  baseline_to: true,
  first_seen: true,
  techniques: true,
  tactics: true,
  query_tactics: true,
  mismatch: true,
  duplicate_keys: true,
  also: true,
};
const suppressedNames: Readonly<Record<keyof AlertSuppressed, true>> = {
  by: true,
  name: true,
  reason: true,
  count: true,
  first: true,
};

t.test('docs/record.md lists each field of a record and no others', async (t) => {
  t.strictSame(namesUnder('Fields').sort(), [...recordNames].sort());
  t.strictSame(namesUnder('`alert`\n').sort(), Object.keys(alertNames).sort());
  t.strictSame(namesUnder('`alert_suppressed`\n').sort(), Object.keys(suppressedNames).sort());
});

t.test('docs/record.md lists each key that is a number and no others', async (t) => {
  const section = doc.split(/^## /m).find((part) => part.startsWith('Extension keys'))!;
  for (const type of ['integer', 'float']) {
    const row = new RegExp(`^\\| (.*) \\| ${type}`, 'm').exec(section)![1]!;
    const listed = [...row.matchAll(/`(\w+)`/g)].map((name) => name[1]!);
    const ours = keyRows.filter((row) => row[4] === type).map((row) => row[0]);
    t.strictSame(listed.sort(), [...ours].sort(), type);
  }
});

t.test('docs/record.md lists each ECS name with its key and no others', async (t) => {
  const section = doc.split(/^### /m).find((part) => part.startsWith('`ecs`'))!;
  const rows = [...section.matchAll(/^\| `([@\w.]+)` \| `(\w+)` \|/gm)];
  const listed = rows
    .filter(([, , key]) => keys.some((known) => known.key === key))
    .map(([, name, key]) => `${name} ${key}`);
  const ours = ecsNames
    .map(({ name }, id) => `${name} ${keys[id]!.key}`)
    .filter((_, id) => ecsNames[id]!.inSchema);
  t.strictSame(listed.sort(), ours.sort());
});

t.test('docs/record.md names each header field in all three ways', async (t) => {
  const section = doc.split(/^## /m).find((part) => part.startsWith('Names'))!;
  const cell = (text: string) => /`([^`]+)`/.exec(text)![1]!;
  const rows = [...section.matchAll(/^\| [\w ]+ \| (`.*`) \| (`.*`) \| (`.*`).*\|$/gm)];
  const ways = ['cef', 'commonsecuritylog', 'ecs'] as const;
  ways.forEach((names, column) => {
    const listed = rows.map((row) => cell(row[column + 1]!)).filter((name) => name !== names);
    t.strictSame(listed.sort(), [...headerNamesAs(names)].sort(), names);
  });
});

t.test('the example is what its line becomes', async (t) => {
  const example = JSON.parse(block('json'));
  const line = Buffer.from(block('text'));
  const counters = new Counters();
  const fields = new Fields(512);
  const receivedAtMs = Date.parse(example.received_at);
  const peer = { address: example.peer };
  createDecoder({ counters })(line, 0, line.length, line.length, receivedAtMs, peer, fields);
  const encoder = createForwardEncoder({ raw: 'never', counters });
  const out = Buffer.alloc(encoder.maxEntryBytes(line.length));
  const verdict = Object.assign(new Verdict(), { alert: example.alert });

  const end = encoder.entry(fields, verdict, out, 0);

  const [, record] = decodeOne(out.subarray(0, end)) as [Decoded, { event_id: string }];
  t.equal(example.event_id.slice(0, 10), record.event_id.slice(0, 10), 'the time of the id');
  const comparable = { ...(plain(record) as object), event_id: example.event_id };
  t.strictSame(comparable, example);
  t.strictSame(Object.keys(comparable), Object.keys(example), 'in the same order');
});
