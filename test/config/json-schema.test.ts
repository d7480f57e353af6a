// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the config
/**
 * The JSON Schema against an independent validator and the loader: it refuses nothing that the loader takes,
 * and takes nothing that the loader refuses but for what is listed here as beyond it.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import t from 'tap';
import { parse } from 'yaml';
import { ConfigError } from '../../src/config/config-error.js';
import { jsonSchema } from '../../src/config/json-schema.js';
import { schemaKeys } from '../../src/config/keys.js';
import {
  durationPattern,
  formatDuration,
  formatSize,
  parseDuration,
  parseSize,
  sizePattern,
} from '../../src/config/units.js';
import { load, yamlAt } from './loading.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
ajv.addKeyword('patternErrorMessage');
const accepts = ajv.compile(JSON.parse(read('config/stegwatch.schema.json')));

/** What JSON Schema cannot tell, by the words of the loader. */
const beyond = [
  // Several keys at once.
  / belong together/,
  /no exclusion has the name|raises no alert|more than 1000000 events/,
  /(are the same directory|is inside \w+\.path); each needs/,
  /must be longer than holdback|must not exceed/,
  /so nothing is a JPEG/,
  /must ascend/,
  /could not tell alerts apart/,
  /are both given/,
  /needs a shared_key too/,
  /is of no use without|asks for nothing without/,
  /needs a spool there|drop_oldest needs/,
  /another .* (has|this)|a \w+ listener has this/,
  /stands for/,
  /must name each only once/,
  // Files.
  /cannot be read|the file is/,
  // Fractions, IPv6 addresses, zones and 29 February are known by their form alone.
  /must be whole hours/,
  /, got " *\d+\.\d+/,
  /have at most 3 decimals/,
  /must be a (network|host name)|must be an IP address/,
  /must be a zone/,
  /must be the path of a file with values/,
];

function problems(text: string): readonly string[] {
  try {
    load(text);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

/** '' if both are of one mind, or the difference is one that JSON Schema cannot tell. */
function disagreement(text: string): string {
  const refused = problems(text);
  const fits = accepts(parse(text) ?? null);
  const told = `\n${text}\nloader: ${refused.join('; ')}\nschema: ${ajv.errorsText(accepts.errors)}`;
  if (refused.length === 0) return fits ? '' : `the schema refuses what the loader takes${told}`;
  if (!fits || refused.every((problem) => beyond.some((words) => words.test(problem)))) return '';
  return `the schema takes what the loader refuses${told}`;
}

t.test('the committed schema is that of the code: npm run schema', async (t) => {
  const command = 'run `npm run schema` and commit config/stegwatch.schema.json';
  t.equal(read('config/stegwatch.schema.json'), `${JSON.stringify(jsonSchema(), null, 2)}\n`, {
    diagnostic: true,
    hint: command,
  });
  const printed = execFileSync(process.execPath, ['dist/cli.js', 'validate', '--schema'], {
    cwd: root,
    encoding: 'utf8',
  });
  t.equal(printed, read('config/stegwatch.schema.json'), 'validate --schema prints the same');
  t.match(JSON.parse(read('package.json')).scripts.schema, '> config/stegwatch.schema.json');
});

/** Examples that are no configs of ours. */
const ofOthers = /^(?:compose\.yaml|kubernetes\/stegwatch\.yaml|prometheus\/)/;

t.test('the default config names it, and it and every example fit', async (t) => {
  const [first] = read('config/stegwatch.yaml').split('\n');
  t.equal(first, '# yaml-language-server: $schema=stegwatch.schema.json');
  const examples = readdirSync(`${root}examples`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml') && !ofOthers.test(name))
    .map((name) => `examples/${name}`);
  t.ok(examples.length > 8, `${examples.length} examples`);
  for (const path of ['config/stegwatch.yaml', ...examples]) {
    t.ok(accepts(parse(read(path))), `${path}: ${ajv.errorsText(accepts.errors)}`);
  }
});

t.test('every key is in it, with the description of the code', async (t) => {
  const text = read('config/stegwatch.schema.json');
  for (const { name, label, description } of schemaKeys) {
    t.match(text, `${JSON.stringify(name)}: {`, label);
    t.match(text, JSON.stringify(description), label);
  }
});

const exclusion = 'name: a, reason: b';
const good = [
  '',
  'listen:',
  'listen: { allow: [10.0.0.0/8, "fd00::/8", 192.0.2.1, "::ffff:10.0.0.0/104"] }',
  'listen: { udp: false, tcp: [], tls: null, relp: { port: 0 } }',
  'listen: { udp: [{ port: 1 }, { address: "fe80::1%eth0", port: 2 }] }',
  'listen: { max_message: 480B }',
  'listen: { max_message: 1.5KiB }',
  'listen: { max_message: " 0064 KiB " }',
  'listen: { tcp: { idle_timeout: 0, frame_timeout: 0.1s } }',
  'listen: { tcp: { idle_timeout: "0" } }',
  'listen: { max_message: 1024KiB, udp: { receive_buffer: 1GiB } }',
  'detection: { percentile: 99.9, lookback: 90d, holdback: 60m }',
  'detection: { skip: { statuses: [304, "4xx", 5XX] }, suppress: { by: none } }',
  'detection: { suppress: { by: [host, file] }, jpeg: }',
  `exclusions: [{ ${exclusion}, expires: 2028-02-29, match: { dhost|domain: [a.b, null, 1, true] } }]`,
  `exclusions: [{ ${exclusion}, expires: null, match: [{ a: 1 }, { b: x }] }]`,
  'feeds: [{ vendor: a, received: out, file_type: [x, y], timezone: "+0530" }]',
  'feeds: [{ vendor: a, timezone: Europe/Berlin, judge: false }]',
  'spool: { path: false }',
  'forward: { fluentd: { tls: {}, servers: [{ host: "::1" }, { host: fluentd_1.example.org. }] } }',
  'listen: { max_fields: "${N:-512}", udp: { port: "${P:-1}" }, tcp: "${T:-false}" }',
  'forward: { fluentd: { ack: "${A:-true}", only: "${O:-all}", servers: [{ port: "${P:-1}" }] } }',
  'spool: { max_size: "${A:-1}GiB", path: "${P:-x}" }',
  'tests: [{ name: a, event: x, expect: { alert: false, bytes: null, record: { a: [1, b] } } }]',
  'tests: [{ name: a, at: 2026-01-31T00:00:00Z, event: [x, { line: x, times: 2 }], expect: { level: low } }]',
  'tests: [{ name: a, baseline: { threshold: null, known_hosts: [a] }, event: x, expect: { repeat: false } }]',
];

t.test('what the loader takes, the schema takes', async (t) => {
  for (const text of good) {
    t.same(problems(text), [], `the loader takes ${text}`);
    t.ok(accepts(parse(text) ?? null), `${text}: ${ajv.errorsText(accepts.errors)}`);
  }
});

const bad = [
  'listen: []',
  'listen: { max_mesage: 1KiB }',
  'prot: 1',
  'listen: { max_message: 65536 }',
  'listen: { max_message: 479B }',
  'listen: { max_message: 1025KiB }',
  'listen: { max_message: 64KB }',
  'listen: { max_message: 0 }',
  'listen: { max_message: "12345678901234567B" }',
  'listen: { allow: [localhost] }',
  'listen: { allow: [10.0.0.0/33] }',
  'listen: { allow: ["fd00::/129"] }',
  'listen: { tcp: { idle_timeout: 31d } }',
  'listen: { tcp: { frame_timeout: 30 } }',
  'listen: { tcp: { frame_timeout: 30sec } }',
  'listen: { tcp: { port: 65536 } }',
  'listen: { tls: {} }',
  'listen: { udp: true }',
  'listen: { udp: { max_connections: 1 } }',
  'listen: { max_fields: 16.5 }',
  'detection: { percentile: 100 }',
  'detection: { percentile: }',
  'detection: { preset: strict }',
  'detection: { normalize_host: yes }',
  'detection: { holdback: 0 }',
  'detection: { skip: { statuses: [600] } }',
  'detection: { skip: { statuses: [4x] } }',
  'detection: { suppress: { by: [none] } }',
  'detection: { suppress: { by: [host, host] } }',
  'detection: { jpeg: { url_suffixes: [jpg] } }',
  `exclusions: [{ ${exclusion} }]`,
  `exclusions: [{ ${exclusion}, match: {} }]`,
  `exclusions: [{ ${exclusion}, match: [] }]`,
  `exclusions: [{ ${exclusion}, match: { a: [] } }]`,
  `exclusions: [{ ${exclusion}, match: { a: { b: 1 } } }]`,
  `exclusions: [{ ${exclusion}, match: { a: 1 }, expires: 2027-02-30 }]`,
  `exclusions: [{ name: "", reason: b, match: { a: 1 } }]`,
  'feeds: [{ product: x }]',
  'feeds: [{ vendor: a, received: "a=b" }]',
  'feeds: [{ vendor: a, received: " a" }]',
  'feeds: [{ vendor: a, timezone: "+25:00" }]',
  'spool: { path: true }',
  'spool: { path: "" }',
  'forward: { fluentd: { servers: [] } }',
  `forward: { fluentd: { servers: [${'{}, '.repeat(17)}] } }`,
  'forward: { fluentd: { servers: [{ host: "http://a" }] } }',
  'forward: { fluentd: { servers: [{ weight: 60 }] } }',
  'forward: { fluentd: { tag: "a b" } }',
  'forward: { fluentd: { tls: true } }',
  'tests: [{ name: a, event: x, expect: {} }]',
  'tests: [{ name: a, event: x, expect: { alerts: true } }]',
  'tests: [{ name: a, event: [], expect: { alert: true } }]',
  'tests: [{ name: a, event: [{ after: 1h }], expect: { alert: true } }]',
  'tests: [{ name: a, at: 2026-01-31, event: x, expect: { alert: true } }]',
];

t.test('what the loader refuses in a single value, the schema refuses', async (t) => {
  for (const text of bad) {
    t.not(problems(text).length, 0, `the loader refuses ${text}`);
    t.notOk(accepts(parse(text)), `the schema refuses ${text}`);
  }
});

const values: readonly unknown[] = [
  ...[null, true, false, 0, 1, 7, -1, 1.5, 16, 100, 65_536, 1e9, '', ' ', 'x', 'a b', ' x', 'a\nb'],
  ...[
    '0',
    '1h',
    '30s',
    '1.5h',
    '90m',
    '2d',
    '999ms',
    '64KiB',
    '0.5MiB',
    '4 KiB',
    '1TiB',
    '5B',
    '9',
  ],
  ...['10.0.0.0/8', '10.1.2.3', '::1', 'fd00::/64', 'fe80::1%eth0', 'example.org', 'a..b', '.org'],
  ...['2027-02-30', '2027-02-28', '2027-1-1', 'Europe/Berlin', '+02:00', '0100', 'recommended'],
  ...[
    'sentinel',
    'both',
    'host',
    'none',
    '.jpg',
    '4xx',
    '404',
    404,
    'GET',
    'always',
    'gzip',
    'ecs',
  ],
  ...[
    [],
    ['x'],
    [1],
    [3, 10],
    ['host', 'host'],
    {},
    [{}],
    { x: 1 },
    { x: [] },
    [{ x: null }],
    [[]],
  ],
  ...['x'.repeat(129), 'x'.repeat(5000), '.'.repeat(40), 'é', '名前', 'a=b', '*'],
];
const anyKey = fc.constantFrom(...schemaKeys.map(({ label }) => label));

t.test('of any value at any key, both are of one mind', async (t) => {
  const seed = Number(process.env.STEGWATCH_SEED ?? Date.now() % 1_000_000_000);
  t.comment(`seed ${seed} (STEGWATCH_SEED)`);
  const some = fc.shuffledSubarray([...values], { minLength: 12, maxLength: 12 });
  for (const { label } of schemaKeys) {
    for (const value of fc.sample(some, { seed: seed + label.length, numRuns: 1 })[0]!) {
      const found = disagreement(yamlAt(label, value));
      if (found !== '') t.fail(found);
    }
  }
  const value = fc.oneof(fc.constantFrom(...values), fc.jsonValue({ maxDepth: 2 }));
  const config = fc.dictionary(anyKey, value, { maxKeys: 4, noNullPrototype: true });
  fc.assert(
    fc.property(config, (given) => {
      const found = disagreement(JSON.stringify(nested(given)));
      if (found !== '') throw new Error(found);
    }),
    { numRuns: 500, seed },
  );
});

/** Keys by label to the map that they make; of two that want one place, the first has it. */
function nested(given: Readonly<Record<string, unknown>>): unknown {
  const made: Record<string, unknown> = {};
  for (const [label, value] of Object.entries(given)) {
    const parts = label.split('.');
    let map = made;
    for (const [at, part] of parts.entries()) {
      const inList = part.endsWith('[]');
      const name = part.replace('[]', '');
      if (at === parts.length - 1) map[name] ??= value;
      else {
        map[name] ??= inList ? [{}] : {};
        const held = Array.isArray(map[name]) ? map[name][0] : map[name];
        if (typeof held !== 'object' || held === null || Array.isArray(held)) break;
        map = held as Record<string, unknown>;
      }
    }
  }
  // Not one object at two places.
  return JSON.parse(JSON.stringify(made));
}

t.test('patterns hold the bounds of sizes and durations to the unit', async (t) => {
  const seed = Number(process.env.STEGWATCH_SEED ?? Date.now() % 1_000_000_000);
  t.comment(`seed ${seed} (STEGWATCH_SEED)`);
  const bounds = fc.tuple(fc.nat(2 ** 31), fc.nat(2 ** 40)).map(([a, b]) => [a, a + b] as const);
  const near = fc.integer({ min: -2, max: 2 });
  fc.assert(
    fc.property(bounds, near, fc.boolean(), fc.maxSafeNat(), ([min, max], by, low, any) => {
      for (const amount of [(low ? min : max) + by, any % (max * 2 + 1)]) {
        if (amount < 0) continue;
        const within = amount >= min && amount <= max;
        const size = new RegExp(sizePattern(min, max), 'u');
        const duration = new RegExp(durationPattern(min, max), 'u');
        const texts = [`${amount}B`, formatSize(amount), `0${amount} B`];
        if (texts.some((text) => size.test(text) !== within)) return false;
        const times = [`${amount}ms`, formatDuration(amount), ` ${amount} ms `];
        if (times.some((text) => duration.test(text) !== within)) return false;
      }
      return true;
    }),
    { seed },
  );
  fc.assert(
    fc.property(fc.stringMatching(/^ ?\d{0,18}(\.\d{0,7})? ?(B|KiB|MB|h|m|ms|s)?$/), (text) => {
      const size = new RegExp(sizePattern(0, 2 ** 50), 'u').test(text);
      const duration = new RegExp(durationPattern(0, 2 ** 50), 'u').test(text);
      const isIn = (value: number | null) => value !== null && value <= 2 ** 50;
      // A fraction need not make a whole number, nor one within bounds.
      if (!isIn(parseSize(text)) && !text.includes('.') && size) return false;
      if (!isIn(parseDuration(text)) && !text.includes('.') && duration) return false;
      return (!isIn(parseSize(text)) || size) && (!isIn(parseDuration(text)) || duration);
    }),
    { seed, numRuns: 2000 },
  );
});
