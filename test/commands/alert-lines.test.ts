/** A person at a terminal sees alerts, however many come; a log that is kept has none. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { AlertLines } from '../../src/commands/alert-lines.js';
import { Verdict } from '../../src/verdict.js';
import { anAlert } from '../support/alerts.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { keptLog } from '../support/kept-log.js';
import { learnHistory } from '../support/learned.js';
import { sendTcp } from '../support/send.js';
import { cliPath } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(60_000);

function raised(changes: Parameters<typeof anAlert>[0] = {}): Verdict {
  return Object.assign(new Verdict(), { alert: anAlert({ reason: 'r', ...changes }) });
}

t.test('one line for each that is raised, none for what is held back', async (t) => {
  const { log, lines } = keptLog();
  const alerts = new AlertLines(log, () => 0);
  alerts.add(raised({ level: 'high', account: '', url: 'x'.repeat(5000) }));
  alerts.add(Object.assign(new Verdict(), { heldBack: anAlert() }));
  alerts.add(new Verdict());
  t.match(lines, [{ level: 30, msg: 'ALERT high: r', url: `${'x'.repeat(300)}…` }]);
  t.equal(lines.length, 1);
  t.notOk('account' in lines[0]!);
});

t.test('a rush: ten in ten seconds, then how many more there were', async (t) => {
  const { log, lines } = keptLog();
  let nowMs = 1_000_000;
  const alerts = new AlertLines(log, () => nowMs);
  for (let n = 0; n < 25; n++) alerts.add(raised());
  t.equal(lines.length, 10);
  nowMs += 10_000;
  alerts.add(raised({ reason: 'later' }));
  const said = () => lines.map(({ msg }) => msg).slice(10);
  t.match(said(), [/^15 more alerts were raised/, 'ALERT medium: later']);
  for (let n = 0; n < 10; n++) alerts.add(raised());
  // What the timer does if nothing more comes.
  alerts.endWindow();
  alerts.endWindow();
  t.match(said().slice(-1), [/^1 more alert was raised/]);
  t.equal(lines.length, 22);
  nowMs -= 3_600_000;
  alerts.add(raised());
  t.equal(lines.length, 23, 'a clock that is set back holds nothing back');
});

/** What `run` writes to stderr until it has forwarded an alert. */
async function stderrOf(t: Test, terminal: boolean): Promise<string> {
  const folder = testFolder(t, {});
  const receiver = await ForwardServer.start(t);
  const yaml = `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
admin: false
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
`;
  writeFileSync(join(folder, 'c.yaml'), yaml);
  learnHistory(folder, yaml);
  const pretend = ['--import', 'data:text/javascript,process.stderr.isTTY=true'];
  const args = [...(terminal ? pretend : []), cliPath, 'run', '-c', 'c.yaml'];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  await until('started', () => /started/.test(text));
  const port = Number(/tcp 127\.0\.0\.1:(\d+)/.exec(text)![1]);
  const jpeg = 'request=https://fresh.example/\u001b[1m.jpg in=9000000 dhost=fresh.example';
  await sendTcp(port, [`<134>CEF:0|E|P|1|1|GET|3|${jpeg}`]);
  await until('the alert', () => receiver.records('stegwatch.alert').length === 1);
  return text;
}

t.test('run: at a terminal, and only there', async (t) => {
  const shown = await stderrOf(t, true);
  t.match(shown, /^\d\d:\d\d:\d\d INFO {2}ALERT high: .*fresh\.example.*never seen before/m);
  t.notMatch(shown, /\u001b\[1m/, 'what a terminal would act upon is shown instead');
  const kept = await stderrOf(t, false);
  t.match(kept, /"msg":"started"/);
  t.notMatch(kept, /ALERT/);
});
