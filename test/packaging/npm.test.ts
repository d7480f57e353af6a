/** The npm package: what is in it, and that it works where nothing else is. Nobody is asked for anything. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { testFolder } from '../support/folder.js';
import { installedPackages, offlineNpm } from '../support/npm.js';
import { cliPath } from '../support/stegwatch.js';

t.setTimeout(120_000);

const root = join(dirname(cliPath), '..');
/** What a clone has, dependencies apart: of it the package is made. */
const cloned = readdirSync(root).filter(
  (name) => !['node_modules', 'dist', 'build', 'data', '.git', '.tap'].includes(name),
);

t.test('from the tarball, in an empty folder', async (t) => {
  const { folder, tarball, files } = pack(t);

  t.test('it holds the program, its documents and examples, and nothing else', async (t) => {
    const programs = filesIn(join(root, 'src'))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .map((file) => join('dist', file.replace(/\.ts$/, '.js')));
    const assets = filesIn(join(root, 'src/admin/page/assets')).map((file) =>
      join('dist/admin/page/assets', file),
    );
    const others = ['config', 'docs', 'examples'].flatMap((name) =>
      filesIn(join(root, name)).map((file) => join(name, file)),
    );
    const top = [
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'package.json',
    ];
    t.strictSame([...files].sort(), [...programs, ...assets, ...others, ...top].sort());
  });

  const home = install(folder, tarball);
  const installed = join(home, 'node_modules', 'stegwatch');

  t.test('nothing in it names a folder of the machine that made it, or a map', async (t) => {
    const named = filesIn(installed).filter((file) => {
      const text = readFileSync(join(installed, file), 'utf8');
      return text.includes(folder) || text.includes(root) || /^\/\/# sourceMapping/m.test(text);
    });
    t.strictSame(named, []);
  });

  t.test('what its documents link to is in it', async (t) => {
    const broken = filesIn(installed)
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...readFileSync(join(installed, file), 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)/g)]
          .map(([, target]) => join(dirname(file), target!))
          // Who reads of the sources has the repository.
          .filter((target) => !target.startsWith('src/') && !existsSync(join(installed, target))),
      );
    t.strictSame(broken, []);
  });

  t.test('the program can be run by its name', async (t) => {
    const program = join(home, 'node_modules', '.bin', 'stegwatch');
    t.match(readFileSync(program, 'utf8'), /^#!\/usr\/bin\/env node\n/);
    t.equal(statSync(program).mode & 0o111, 0o111, 'npm has made it executable');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    t.match(npx(home, '--version'), { status: 0, stdout: `${version}\n`, stderr: '' });
  });

  t.test('it validates a config that is in the package', async (t) => {
    const config = 'node_modules/stegwatch/config/stegwatch.yaml';
    const { status, stdout } = npx(home, 'validate', '-c', config);
    t.equal(status, 0);
    t.match(stdout, `${config} is valid`);
  });

  t.test('its demo raises two alerts', async (t) => {
    const { status, stdout } = npx(home, 'demo', '--once');
    t.equal(status, 0);
    t.equal(stdout.match(/ALERT \[/g)?.length, 2, stdout);
  });

  t.test('what it says of itself', async (t) => {
    const said = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    t.match(said, { license: 'Apache-2.0', bin: { stegwatch: 'dist/cli.js' }, type: 'module' });
    const { major, minor } = /v(?<major>\d+)\.(?<minor>\d+)/.exec(process.version)!.groups!;
    t.equal(said.engines.node, '^20.15 || >=22.2');
    t.ok(Number(major) >= 22 || Number(minor) >= 15, 'and this is such a one');
    t.equal(said.scripts.install ?? said.scripts.postinstall, undefined, 'installing runs nothing');
  });
});

/** `npm pack` in a copy of the repository, so that what else was built here does not get into it. */
function pack(t: Test) {
  const folder = testFolder(t, {});
  const source = join(folder, 'source');
  for (const name of cloned) cpSync(join(root, name), join(source, name), { recursive: true });
  installedPackages(join(source, 'node_modules'));
  offlineNpm('npm pack', source);
  const tarball = readdirSync(source).find((name) => name.endsWith('.tgz'))!;
  const files = execFileSync('tar', ['-tzf', tarball], { cwd: source, encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''));
  return { folder, tarball: join(source, tarball), files };
}

/**
 * Installs it where nothing is but the packages that it needs: npm takes what is there and fits. Without them it would
 * have to ask the registry, or a cache that a fresh machine has or has not.
 */
function install(folder: string, tarball: string): string {
  const source = dirname(tarball);
  offlineNpm('npm prune --omit=dev --ignore-scripts', source);
  const home = join(folder, 'home');
  mkdirSync(home);
  renameSync(join(source, 'node_modules'), join(home, 'node_modules'));
  rmSync(join(home, 'node_modules', '.package-lock.json'), { force: true });
  writeFileSync(join(home, 'package.json'), '{ "private": true }');
  offlineNpm(`npm install '${tarball}'`, home);
  return home;
}

function npx(home: string, ...args: readonly string[]) {
  return spawnSync(
    'sh',
    ['-c', 'unset NODE_OPTIONS; exec npx --offline stegwatch "$@"', 'sh', ...args],
    {
      cwd: home,
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
}

/** Below a folder, relative to it. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );
}
