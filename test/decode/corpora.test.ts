/**
 * The cases that other parsers are tested with, read as their suites expect. Where suites disagree
 * we have chosen (docs/cef.md): those cases are in the table below with the reason, and must indeed
 * differ.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { Problem } from '../../src/fields.js';
import { type Reading, read, reader } from './reading.js';

interface Expectation {
  readonly header?: Readonly<Record<string, string>>;
  readonly ext?: Readonly<Record<string, unknown>>;
}

/** See the README of the corpora. */
interface Case {
  readonly raw?: string;
  readonly raw_b64?: string;
  readonly expected: Expectation;
  readonly events?: readonly Expectation[];
  readonly error?: string;
  readonly complete?: boolean;
  readonly absent?: readonly string[];
  readonly naming?: string;
  readonly syslog?: Readonly<Record<string, string | number>>;
  readonly derived?: Readonly<Record<string, string | number>>;
}

const headerNames = [
  'version',
  'deviceVendor',
  'deviceProduct',
  'deviceVersion',
  'deviceEventClassId',
  'name',
  'severity',
];

const blanks =
  'C13: all blanks before a key but the last belong to the value; the suite trims them';
const quotes = 'C21: quotes are text; the suite strips them';
const carriageReturn = 'C8: \\r is a carriage return; the suite makes it a line feed';
const escapes = 'C10: an unknown escape stays as it is; the suite drops the backslash';
const equals = 'C5: an = inside a word is data; the suite ends a key there';
const unknownKeys = 'keys outside the dictionary are kept; the suite drops them';
const replacement = 'C35: bytes that are no UTF-8 become U+FFFD; the suite makes them ?';
const rawHeader = 'C1: the header is unescaped; the suite records it as it came';
const keyBytes = 'C16: a key holds no backslash, and \\n in the header is text';
const lastBlank = 'C14: white space at the end goes; the suite keeps it';

/** Source and number of a case -> why header or extension are read otherwise. */
const deliberate: Readonly<Record<string, string>> = {
  'apache-nifi 2': blanks,
  'apache-nifi 3': blanks,
  'apache-nifi 6': blanks,
  'cef-writers 2': keyBytes,
  'fluent-plugin-parser_cef 6': unknownKeys,
  'fluent-plugin-parser_cef 7': unknownKeys,
  'fluent-plugin-parser_cef 8': unknownKeys,
  'fluent-plugin-parser_cef 12': replacement,
  'jc 0': `${equals}; ${blanks}; ${escapes}`,
  'jc 1': `${equals}; ${blanks}; ${escapes}`,
  'jc 2': escapes,
  'jc 3': equals,
  'jc 4': escapes,
  'jc 5': escapes,
  'logstash-codec-cef 23': blanks,
  'logstash-codec-cef 25': blanks,
  'nsyslog-parser 19': rawHeader,
  'nsyslog-parser 21': 'C8: \\= is an equals sign; the suite ends a key there',
  'nsyslog-parser 45': lastBlank,
  'ren3gadem4rm0t-cef-parser-go 0': quotes,
  'vrl-parse_cef 3': quotes,
  'vrl-parse_cef 9': carriageReturn,
  'vrl-parse_cef 10': blanks,
  'vrl-parse_cef 14': quotes,
};

const noTag = 'a word without a colon or a process is text, not a tag, unless CEF follows';
const yearAsText = 'the year is part of the stamp; the suite takes what follows for the message';

/** The same for the syslog header and the event time. */
const deliberateSyslog: Readonly<Record<string, string>> = {
  'apache-nifi 10': 'months are English; the suite sets a locale',
  'apache-nifi 11': 'months are English; the suite sets a locale',
  'nsyslog-parser 3': 'without PRI and stamp there is no header: an address in front is text',
  'nsyslog-parser 6': noTag,
  'nsyslog-parser 9': noTag,
  'nsyslog-parser 10': noTag,
  'nsyslog-parser 11': noTag,
  'nsyslog-parser 17': noTag,
  'nsyslog-parser 18': noTag,
  'nsyslog-parser 14': 'a chain of relays is kept whole as host',
  'nsyslog-parser 24': 'tag[process] is a tag; the suite takes it for the host',
  'nsyslog-parser 25': noTag,
};
for (let n = 35; n <= 43; n++) {
  Object.assign(deliberateSyslog, { [`nsyslog-parser ${n}`]: yearAsText });
}

const corpora = join(repository(), '..', 'shared', 'corpora');
if (existsSync(corpora)) {
  t.test('cases', async (t) => {
    for (const source of sourcesWith('cases.jsonl')) checkSource(t, source);
  });
  t.test('every line gives a table', async (t) => {
    for (const name of ['lines.log', 'lines.jsonl']) {
      for (const source of sourcesWith(name)) readLines(t, source, name);
    }
  });
} else if (process.env.STEGWATCH_REQUIRE_PEERS === '1') t.fail(`${corpora} does not exist`);
else t.pass('cases of other parsers', { skip: `${corpora} does not exist` });

function checkSource(t: Test, source: string): void {
  const count = { same: 0, deliberate: 0, reported: 0, accepted: 0 };
  jsonLines<Case>(source, 'cases.jsonl').forEach((one, n) => {
    const id = `${source} ${n}`;
    const raw = bytesOf(one);
    if (one.error !== undefined && !one.error.startsWith('partial:')) {
      // We never fail: what the suite refuses is forwarded, with or without a parse_error.
      count[read(raw).problem === Problem.none ? 'accepted' : 'reported']++;
      return;
    }
    const differences = one.events === undefined ? compare(one, read(raw)) : compareAll(one, raw);
    if (id in deliberate) {
      t.not(differences.length, 0, `${id} differs as it is said to`);
      count.deliberate++;
    } else {
      t.strictSame(differences, [], id);
      count.same++;
    }
    const outer = compareSyslog(one, read(raw));
    if (id in deliberateSyslog) t.not(outer.length, 0, `${id} syslog differs as it is said to`);
    else t.strictSame(outer, [], `${id} syslog and time`);
  });
  t.comment(
    `${source}: ${count.same} as expected, ${count.deliberate} otherwise on purpose; of the ` +
      `errors it expects, ${count.reported} with parse_error, ${count.accepted} read`,
  );
}

/** One input that holds several events, which framing takes apart. */
function compareAll(one: Case, raw: Buffer): string[] {
  const lines = raw.toString().split(/\r?\n/);
  return one.events!.flatMap((expected, i) => compare({ ...one, expected }, read(lines[i]!)));
}

function compare({ expected, complete, absent, naming }: Case, seen: Reading): string[] {
  const differences: string[] = [];
  const differ = (name: string, is: unknown, should: unknown): void => {
    if (is !== should) {
      differences.push(`${name}: ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
    }
  };
  for (const [name, value] of Object.entries(expected.header ?? {})) {
    differ(name, seen.header[headerNames.indexOf(name)], value);
  }
  const ext = naming === undefined ? seen.ext : underLabels(seen.ext, naming.startsWith('jc'));
  for (const [key, value] of Object.entries(expected.ext ?? {}))
    differ(key, ext[key], String(value));
  for (const key of absent ?? []) differ(key, ext[key], undefined);
  if (complete && expected.ext !== undefined) {
    for (const key of Object.keys(ext))
      if (!(key in expected.ext)) differ(key, ext[key], undefined);
  }
  return differences;
}

/** Suites that rename a custom field to the text of its label. */
function underLabels(
  ext: Readonly<Record<string, string>>,
  plainNames: boolean,
): Record<string, string> {
  const renamed: Record<string, string> = {};
  for (const [key, value] of Object.entries(ext)) {
    if (key.endsWith('Label') && key.slice(0, -'Label'.length) in ext) continue;
    const name = ext[`${key}Label`] ?? key;
    renamed[plainNames ? name.replace(/\W/g, '_') : name] = value;
  }
  return renamed;
}

function compareSyslog({ syslog = {}, derived = {} }: Case, seen: Reading): string[] {
  const differences: string[] = [];
  const parts: readonly (readonly [keyof Reading, readonly string[]])[] = [
    ['host', ['host', 'hostname']],
    ['app', ['appName', 'tag']],
    ['proc', ['pid']],
    ['msgId', ['messageid']],
  ];
  for (const [part, names] of parts) {
    const name = names.find((name) => name in syslog);
    if (name === undefined) continue;
    const value = syslog[name] === '-' ? '' : syslog[name];
    if (seen[part] !== value) differences.push(`${name}: ${seen[part]}, not ${value}`);
  }
  const pri = syslog.prival;
  if (pri !== undefined && pri !== seen.fields.pri) differences.push(`pri: ${seen.fields.pri}`);
  const time = derived.timestamp ?? derived.timestamp_ms ?? derived.rt_epoch_ms;
  if (time !== undefined && new Date(time).getTime() !== seen.fields.eventTimeMs) {
    differences.push(`time: ${seen.time}, not ${new Date(time).toISOString()}`);
  }
  return differences;
}

function readLines(t: Test, source: string, name: string): void {
  const readNext = reader();
  const frames = name.endsWith('.jsonl')
    ? jsonLines<Case>(source, name).map(bytesOf)
    : readFileSync(join(corpora, source, name), 'latin1')
        .split('\n')
        .map((line) => Buffer.from(line, 'latin1'));
  for (const frame of frames) readNext(frame);
  const { counters } = readNext('');
  t.equal(counters.events, frames.length + 1, `${source}/${name}`);
  t.comment(`${source}/${name}: ${counters.events_cef} of ${frames.length} frames are CEF`);
}

function bytesOf({ raw, raw_b64 }: Case): Buffer {
  return raw === undefined ? Buffer.from(raw_b64!, 'base64') : Buffer.from(raw);
}

function sourcesWith(file: string): string[] {
  return readdirSync(corpora).filter((source) => existsSync(join(corpora, source, file)));
}

function jsonLines<Row>(source: string, file: string): Row[] {
  const text = readFileSync(join(corpora, source, file), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

/** Compiled tests run from a folder of the repository. */
function repository(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
