/** `--help` of the commands that take minutes: every option with its default, and nothing is begun. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = fileURLToPath(new URL('../../../', import.meta.url));

for (const name of ['faults', 'hosts']) {
  t.test(`bench/${name} --help tells every option`, async (t) => {
    const printed = execFileSync(process.execPath, [`build/bench/${name}.js`, '--help'], {
      cwd: root,
      encoding: 'utf8',
      timeout: 20_000,
    });
    const source = readFileSync(`${root}bench/${name}.ts`, 'utf8');
    const options = [...source.matchAll(/^ {4}(\w+): \{ type: '\w+'(?:, default: '(\w+)')?/gm)];
    t.ok(options.length >= 4);
    for (const [, option, value] of options) {
      t.match(
        printed,
        new RegExp(`^  --${option}\\b.*${value === undefined ? '' : `\\(${value}\\)`}`, 'm'),
      );
    }
  });
}
