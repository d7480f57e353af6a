import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { ask } from '../../admin/asking.js';
import { cliPath } from '../../support/stegwatch.js';
import { until } from '../../support/until.js';

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

t.test('without --once the status page is there, with the alerts, until Ctrl-C', async (t) => {
  const child = spawn(process.execPath, [cliPath, 'demo'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  await until('it stays', () => /^Still listening/m.test(said), 50_000);
  const [url] = /http:\S+/.exec(said)!;
  t.match(await ask(url), { status: 200, body: /<title>stegwatch/ });
  const { alerts, mood } = JSON.parse((await ask(`${url}status.json`)).body);
  t.equal(mood, 'good');
  t.match(alerts, [
    { host: 'vault.backup.example', suppressed: { name: 'scheduled-backup' } },
    { host: 'drop.zone.example', suppressed: null },
    { host: 'holiday-pictures.example', suppressed: null },
  ]);
  child.kill('SIGINT');
  t.strictSame(await once(child, 'exit'), [0, null]);
});
