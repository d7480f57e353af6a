import t from 'tap';
import { keys } from '../../src/dictionary/dictionary.js';
import { ecsNames } from '../../src/encode/ecs-names.js';
import { Code } from '../../src/encode/extension-values.js';
import { headerNamesAs } from '../../src/encode/header-part.js';
import { recordNames } from '../../src/encode/record-names.js';

const named = ecsNames.slice(1);
/** What the encoder writes beside the names of keys. */
const written = [
  ...['@timestamp', 'ecs.version', 'event.severity', 'source.bytes', 'destination.bytes'],
  ...['event.kind', 'rule.id', 'rule.name', 'rule.description', 'threat.framework'],
];

t.test('no two keys share a name, nor one with what else is in a record', async (t) => {
  const own = recordNames.filter((name) => name !== 'message');
  const all = [...named.map(({ name }) => name), ...headerNamesAs('ecs'), ...written, ...own];
  t.strictSame(
    all.filter((name, i) => all.indexOf(name) !== i),
    [],
  );
  for (const { name, inSchema } of named) {
    const others = all.filter((other) => other.startsWith(`${name}.`));
    t.strictSame(others, [], `${name} is not also an object`);
    t.equal(name.startsWith('cef.extensions.'), !inSchema, name);
  }
});

t.test('no two keys share a column, whatever its case', async (t) => {
  const columns = [...keys.map(({ column }) => column), ...headerNamesAs('commonsecuritylog')];
  const all = [
    ...columns.filter((column) => column !== ''),
    'TimeGenerated',
    'AdditionalExtensions',
  ];
  const lower = all.map((column) => column.toLowerCase());
  t.strictSame(
    lower.filter((name, i) => lower.indexOf(name) !== i),
    [],
  );
  const own = recordNames.filter((name) => name !== 'message' && name !== 'cef_version');
  t.strictSame(
    own.filter((name) => lower.includes(name)),
    [],
  );
});

t.test(
  'what means something else, or is of another type, is not where the codec puts it',
  async (t) => {
    const nameOf = (key: string) => ecsNames[keys.findIndex((k) => k.key === key)]!;
    for (const key of [
      'in',
      'out',
      'fileType',
      'fileHash',
      'dntdom',
      'sntdom',
      'dlat',
      'rt',
      'deviceFacility',
    ]) {
      t.equal(nameOf(key).name, `cef.extensions.${key}`);
    }
    t.equal(nameOf('request').name, 'url.original');
    t.equal(nameOf('dhost').name, 'destination.domain');
    t.strictSame(nameOf('src'), { name: 'source.ip', code: Code.address, inSchema: true });
    t.equal(nameOf('eventId').code, Code.string, 'a keyword in the schema');
  },
);

t.test('no name grows a field beyond the bound that the encoder counts on', async (t) => {
  // A key, `=`, a value of one byte (a number: up to 9 bytes) or none, and the blank before it.
  const mostPerByte = 17 / 3 + 1;
  for (const { key, type, column } of keys.slice(1)) {
    for (const name of [column, named[keys.findIndex((k) => k.key === key) - 1]!.name]) {
      const header = name.length < 32 ? 1 : 2;
      const sent = type === 'string' ? key.length + 2 : key.length + 3;
      const grown = header + name.length + (type === 'string' ? 1 : 9);
      t.ok(grown <= sent * mostPerByte, `${key}: ${grown} of ${sent}`);
    }
  }
});
