/** Holds the documents to the code, both ways, and runs the README's command blocks that need nothing else. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
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

t.test('every local link in a document leads somewhere', async (t) => {
  const broken: string[] = [];
  for (const file of documents()) {
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)/g)) {
      if (!existsSync(resolve(dirname(file), target!))) broken.push(`${file}: ${target}`);
    }
  }
  t.strictSame(broken, []);
});

t.test('every file of src and test that a document names exists', async (t) => {
  const broken: string[] = [];
  for (const file of documents()) {
    const named = readFileSync(file, 'utf8').matchAll(/`((?:src|test|bench)\/[\w./-]+)`/g);
    for (const [, path] of named)
      if (!existsSync(join(root, path!))) broken.push(`${file}: ${path}`);
  }
  t.strictSame(broken, []);
});

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

t.test("the README's validate block ends 0 on the shipped config", async (t) => {
  t.match(read('README.md'), 'node dist/cli.js validate -c config/stegwatch.yaml');
  const printed = execFileSync(
    process.execPath,
    ['dist/cli.js', 'validate', '-c', 'config/stegwatch.yaml'],
    { cwd: root, encoding: 'utf8' },
  );
  t.match(printed, /recommended/);
});

t.test("the README's filter block answers each line of a log", async (t) => {
  const command = 'node dist/cli.js filter -c config/stegwatch.yaml --protocol lines';
  t.match(read('README.md'), `tail -n 100 proxy.log | ${command}`);
  const [, ...args] = command
    .split(' ')
    .map((part) => part.replace(/^(dist|config)\//, `${root}/$&`));
  const printed = execFileSync(process.execPath, args, {
    // Its baseline is below the working directory.
    cwd: t.testdir({}),
    encoding: 'utf8',
    input: 'CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Allowed|3|src=10.1.2.3\nno CEF\n',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const records = printed
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  t.match(records, [{ src: '10.1.2.3' }, { parse_error: 'not CEF' }]);
});

function documents(): string[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  return [
    'README.md',
    'CONTRIBUTING.md',
    'examples/tap/README.md',
    'examples/tls/README.md',
    'examples/rsyslog-mmexternal/README.md',
    'examples/fluentd-exec-filter/README.md',
    'examples/syslog-ng/README.md',
    ...inDocs.map((file) => join('docs', file)),
  ]
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(root, file));
}

function repository(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
