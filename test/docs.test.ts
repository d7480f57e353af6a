/** Holds the documents to the code, both ways, and runs the demo. Other commands: test/documents/. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { exitCodes } from '../src/errors.js';
import { Counters, OutputCounters } from '../src/observe/counters.js';
import { conditionCodes } from '../src/observe/log-codes.js';

const root = repository();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

t.test('docs/counters.md lists each counter and no others', async (t) => {
  const documented = [...read('docs/counters.md').matchAll(/^\| `(\w+)` \|/gm)].map(
    (row) => row[1]!,
  );
  const counted = [...Object.keys(new Counters()), ...Object.keys(new OutputCounters())];
  t.strictSame(documented.sort(), counted.sort());
});

t.test('docs/errors.md lists each error code with its exit code and no others', async (t) => {
  const rows = [...read('docs/errors.md').matchAll(/^\| `(\w+)` \| (\d+) \|/gm)];
  const documented = Object.fromEntries(rows.map(([, code, exit]) => [code!, Number(exit)]));
  t.strictSame(documented, exitCodes);
});

t.test('docs/errors.md says of each code in the log what to do, and of no others', async (t) => {
  const rows = [
    ...read('docs/errors.md').matchAll(/^\| `([A-Z0-9_]+)` \| (\D[^|]+) \| ([^|]+) \|$/gm),
  ];
  t.strictSame(rows.map(([, code]) => code).sort(), [...conditionCodes].sort());
  t.strictSame(
    rows.filter(([, , means, todo]) => means!.length < 20 || todo!.length < 5),
    [],
  );
});

t.test('each code of the log is in use', async (t) => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('log-codes.ts'))
    .map((file) => read(join('src', file)))
    .join('\n');
  t.strictSame(
    conditionCodes.filter((code) => !sources.includes(`'${code}'`)),
    [],
  );
});

t.test('the README has a line for each runtime dependency and no others', async (t) => {
  const section = read('README.md').split('## Libraries')[1]!;
  const documented = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((row) => row[1]!);
  const { dependencies } = JSON.parse(read('package.json'));
  t.strictSame(
    documented.filter((name) => name !== 'tap').sort(),
    Object.keys(dependencies).sort(),
  );
});

t.test(
  'package-lock.json holds every optional package, so that `npm ci` works everywhere',
  async (t) => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {}).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      ),
    );
    t.strictSame(missing, []);
  },
);

t.test("the README's demo ends 0 within a minute and prints two alerts with reasons", async (t) => {
  t.match(read('README.md'), 'npm ci && npm run demo -- --once');
  const printed = execFileSync(process.execPath, ['dist/cli.js', 'demo', '--once'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  t.equal(printed.match(/ALERT \[\w+\] .*(beach\.jpg|art\.jpeg)/g)?.length, 2, printed);
  t.match(printed, /suppressed by exclusion scheduled-backup/);
  t.match(printed, /forwarded with parse_error: not CEF/);
  t.match(printed, /SIEM received over syslog/);
});

function repository(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
