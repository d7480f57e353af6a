import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { cliPath } from '../../support/stegwatch.js';

t.setTimeout(60_000);

t.test('a reader that goes early, as head does, is no failure of the demo', async (t) => {
  const child = spawn(process.execPath, [cliPath, 'demo', '--once'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = await once(child, 'exit');
  t.strictSame([code, errors], [0, '']);
});
