/** Holds examples/fluentd/elasticsearch and the other routes to a SIEM to the records, and to Fluentd where it is installed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createDecoder } from '../../src/decode/decode.js';
import { ecsAlert } from '../../src/encode/ecs-alert.js';
import { ecsNames, ecsPrefix } from '../../src/encode/ecs-names.js';
import { Code } from '../../src/encode/extension-values.js';
import { createForwardEncoder } from '../../src/encode/forward-entry.js';
import { headerNamesAs } from '../../src/encode/header-part.js';
import { recordNames } from '../../src/encode/record-names.js';
import { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { Verdict } from '../../src/verdict.js';
import { anAlert } from '../support/alerts.js';
import { decodeOne } from '../support/msgpack.js';
import { requirePeer } from '../support/peers.js';

interface Mapping {
  readonly type?: string;
  readonly ignore_above?: number;
  readonly index?: boolean;
  readonly properties?: { readonly [name: string]: Mapping };
}
const file = 'examples/fluentd/elasticsearch/index-template.json';
const { template } = JSON.parse(readFileSync(file, 'utf8')) as {
  template: {
    settings: { [name: string]: unknown };
    mappings: Mapping & { date_detection: boolean; dynamic_templates: unknown[] };
  };
};

/** The mapping of the field, or of the `flattened` one above it. */
function mappingOf(name: string): Mapping | undefined {
  let mapping: Mapping | undefined = template.mappings;
  for (const part of name.split('.')) {
    if (mapping?.type === 'flattened') return mapping;
    mapping = mapping?.properties?.[part];
  }
  return mapping;
}

const typeOf: Readonly<Record<number, readonly string[]>> = {
  [Code.string]: ['keyword', 'wildcard'],
  [Code.integer]: ['long'],
  [Code.address]: ['ip'],
  [Code.time]: ['date'],
  [Code.direction]: ['keyword'],
  [Code.message]: ['match_only_text'],
};

t.test('the template has a type for each field of the dictionary', async (t) => {
  for (const { name, code, inSchema } of ecsNames.slice(1)) {
    const types = inSchema ? typeOf[code]! : ['flattened'];
    t.ok(types.includes(mappingOf(name)?.type ?? ''), `${name}: ${mappingOf(name)?.type}`);
  }
});

t.test('the template has a type for every other field of a record', async (t) => {
  const header = headerNamesAs('ecs');
  const inCef = new Set(headerNamesAs('cef'));
  const own = recordNames.filter((name) => !inCef.has(name));
  const added = [
    '@timestamp',
    'ecs.version',
    'event.severity',
    'source.bytes',
    'destination.bytes',
  ];
  const alert = anAlert();
  const ofAlert = [
    ...Object.keys(alert),
    ...['also', 'first_seen', 'mismatch', 'duplicate_keys'],
  ].map((name) => `alert.${name}`);
  for (const name of [...header, ...own, ...added, ...Object.keys(ecsAlert(alert)), ...ofAlert]) {
    const mapping = mappingOf(name);
    t.ok(mapping?.type !== undefined || mapping?.properties !== undefined, name);
  }
  t.equal(template.mappings.date_detection, false);
  t.equal(template.settings['index.mapping.ignore_malformed'], true);
});

t.test('no text of a sender exceeds what Lucene takes', async (t) => {
  /** Bytes of a term. */
  const most = 32_766;
  /** Of UTF-8: `ignore_above` counts characters. */
  const bytesPerCharacter = 4;
  /** The term of a flattened field is its key, a NUL and its value. */
  const longestKey = longestExtensionKey();
  t.ok(longestKey > 1024, 'a cut key is the longest');
  const check = (mapping: Mapping, name: string): void => {
    if (
      ['keyword', 'wildcard', 'flattened'].includes(mapping.type ?? '') &&
      mapping.index !== false
    ) {
      const key = mapping.type === 'flattened' ? longestKey + 1 : 0;
      const value = (mapping.ignore_above ?? Number.POSITIVE_INFINITY) * bytesPerCharacter;
      t.ok(key + value <= most, name);
    }
    for (const [inner, one] of Object.entries(mapping.properties ?? {}))
      check(one, `${name}.${inner}`);
  };
  check(template.mappings, '');
});

/** Bytes of the longest key below `cef.extensions` that an event can bring about. */
function longestExtensionKey(): number {
  const counters = new Counters();
  const encoder = createForwardEncoder({ raw: 'never', counters, names: 'ecs' });
  const fields = new Fields(8);
  const lengths = [1, 1024, 1025, 8191, 32_767, 65_000].flatMap((length) => {
    const line = Buffer.from(`CEF:0|v|p|1|c|n|3|${'k'.repeat(length)}=v`);
    createDecoder({ counters })(line, 0, line.length, line.length, 0, { address: '-' }, fields);
    const out = Buffer.alloc(encoder.maxEntryBytes(line.length));
    const end = encoder.entry(fields, new Verdict(), out, 0);
    const [, record] = decodeOne(out.subarray(0, end)) as [unknown, object];
    return Object.keys(record).map((name) => Buffer.byteLength(name) - ecsPrefix.length);
  });
  return Math.max(...lengths);
}

const fluentd = requirePeer(t, 'fluentd');
if (fluentd !== null) {
  for (const name of readdirSync('examples/fluentd').filter((name) => !name.endsWith('.md'))) {
    t.test(`Fluentd takes examples/fluentd/${name}/fluentd.conf`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'stegwatch-'));
      t.teardown(() => rmSync(folder, { recursive: true }));
      const config = readFileSync(`examples/fluentd/${name}/fluentd.conf`, 'utf8')
        // These plug-ins are no part of Fluentd; their sections still must be well formed.
        .replaceAll(/@type (elasticsearch|azure_logs_ingestion)$/gm, '@type null')
        .replaceAll('/var/log/fluent', folder);
      const path = join(folder, 'fluentd.conf');
      writeFileSync(path, config);
      const env = { ...process.env, RUBYOPT: '' };
      const said = execFileSync(fluentd, ['--dry-run', '-c', path], { env, encoding: 'utf8' });
      t.match(said, 'finished dry run mode');
    });
  }
}
