/** Holds the commands of docs/deploy.md that cannot be run here to what they name. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { Dockerfile } from '../support/dockerfile.js';
import { cliPath } from '../support/stegwatch.js';

const root = join(dirname(cliPath), '..');
const text = readFileSync(join(root, 'docs', 'deploy.md'), 'utf8');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const lines = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block]) =>
  block!.trimEnd().split('\n'),
);

t.test('each file of the repository that a command names is there', async (t) => {
  const named = lines.flatMap(
    (line) => line.match(/(?<![\w/.-])(?:config|examples)\/[\w./-]+/g) ?? [],
  );
  t.ok(named.length >= 5);
  for (const path of named) t.ok(existsSync(join(root, path)), path);
});

t.test('each subcommand is one', async (t) => {
  const words = lines.flatMap((line) =>
    [...line.matchAll(/(?:npx stegwatch|bin\/stegwatch|stegwatch:[\d.]+) (\w+)/g)].map(
      ([, word]) => word!,
    ),
  );
  t.strictSame([...new Set(words)].sort(), ['demo', 'health', 'learn', 'spool', 'validate']);
  for (const word of new Set(words))
    t.equal(spawnSync(process.execPath, [cliPath, word, '--help']).status, 0, word);
});

t.test('the config goes nowhere without the schema that its first line names', async (t) => {
  const taken = lines.filter((line) => /^install .*config\/stegwatch\.yaml/.test(line));
  t.equal(taken.length, 1);
  for (const line of taken) {
    t.match(line, / config\/stegwatch\.yaml config\/stegwatch\.schema\.json \/etc\/stegwatch\/$/);
  }
});

t.test('the version is that of the package', async (t) => {
  const versions = [...text.matchAll(/stegwatch[-:](\d+\.\d+\.\d+)/g)].map(([, one]) => one);
  t.strictSame([...new Set(versions)], [version]);
});

t.test('docker run fits the image', async (t) => {
  const dockerfile = new Dockerfile(join(root, 'Dockerfile'));
  const run = lines.find((line) => line.startsWith('docker run -d'))!;
  t.match(run, `-v stegwatch:${dockerfile.one('VOLUME')} `);
  t.match(run, ` --read-only `);
  const exposed = dockerfile.one('EXPOSE').split(' ');
  const published = [...run.matchAll(/-p \d+:(\S+)/g)].map(([, port]) => port!);
  t.strictSame(published, exposed.slice(0, 2));
  t.match(text, `runs as ${dockerfile.one('USER')}`);
});
