/**
 * The very files of examples/rsyslog-mmexternal, examples/fluentd-exec-filter and examples/syslog-ng, ports and
 * folders replaced, with the real programs: what stegwatch found is in the files that they write.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { Fluentd } from '../support/fluentd.js';
import { testFolder } from '../support/folder.js';
import { historyLines, numberedLines } from '../support/numbered-lines.js';
import { requirePeer, requireRsyslogModule } from '../support/peers.js';
import { freeTcpPort, runRsyslog } from '../support/rsyslog.js';
import { sendTcp } from '../support/send.js';
import { cliPath } from '../support/stegwatch.js';
import { requireSyslogNg, startSyslogNg } from '../support/syslog-ng.js';
import { until } from '../support/until.js';

t.setTimeout(180_000);

const examples = join(dirname(cliPath), '..', 'examples');
const count = 400;
const alertEvery = 100;
const alertNumbers = ['0', '100', '200', '300'];

interface EventRecord {
  readonly externalId?: string;
  readonly alert?: { readonly level: string; readonly host: string; readonly bytes: number };
}

const rsyslogd = requirePeer(t, 'rsyslogd');
if (rsyslogd !== null && requireRsyslogModule(t, 'mmexternal')) {
  t.test('rsyslog: mmexternal', async (t) => {
    const run = setUp(t, 'rsyslog-mmexternal');
    const port = await freeTcpPort();
    const config = `global(workDirectory="${run.folder}" maxMessageSize="64k")
module(load="imtcp")
input(type="imtcp" port="${port}" address="127.0.0.1")
${run.example('rsyslog-stegwatch-filter.conf', { '/var/log': run.folder })}`;
    const rsyslog = await runRsyslog({
      ...{ rsyslogd, folder: run.folder, config, port },
      teardown: (end) => t.teardown(end),
    });
    const tabs = run.lines[1]!.replace('cs1=Research', 'cs1=with\ta tab');
    await sendTcp(port, [run.lines[0]!, tabs, ...run.lines.slice(2)]);
    await run.check(t, 'stegwatch-alerts.json', 'stegwatch-events.json');
    await rsyslog.stop();
    await run.ended(t);
  });
}

const fluentd = requirePeer(t, 'fluentd');
if (fluentd !== null) {
  for (const format of ['msgpack', 'json']) {
    t.test(`Fluentd: out_exec_filter, ${format}`, async (t) => {
      const run = setUp(t, 'fluentd-exec-filter');
      const replaced = {
        'port 5514': 'port PORT',
        '/var/log/fluentd': run.folder,
        '/var/log/stegwatch': join(run.folder, 'stegwatch'),
        'flush_interval 1s': 'flush_interval 0.1s',
      };
      const example = run.example('fluentd.conf', replaced);
      const inFormat = example
        .replaceAll('msgpack', format)
        .replace('<parse>\n    @type json', '<parse>\n    @type json\n    stream_buffer_size 1');
      const config = (port: number) => inFormat.replace('PORT', `${port}`);
      const server = await Fluentd.start(t, { fluentd, folder: run.folder, config });
      // Fluentd resets a connection when it has read it to its end.
      await sendTcp(server.port, run.lines).catch((error) => {
        if (error.code !== 'ECONNRESET') throw error;
      });
      await run.check(t, 'stegwatch-alerts.log', 'stegwatch-events.log');
      await server.stop();
      await run.ended(t);
      const events = run.read('stegwatch-events.log') as Record<string, unknown>[];
      const [event] = events;
      t.notOk(
        events.every(({ time }) => String(time).endsWith('.000Z')),
        'the time came back whole',
      );
      t.match(event, { message: /CEF:0\|Zscaler/, src: '10.1.2.3' });
      t.notOk('stegwatch_tag' in event! || 'stegwatch_time' in event!, 'taken out again');
    });
  }
}

const syslogNg = requireSyslogNg(t);
if (syslogNg !== null) {
  t.test('syslog-ng: program()', async (t) => {
    const run = setUp(t, 'syslog-ng');
    const port = await freeTcpPort();
    const config = run.example('stegwatch.conf', {
      'ip("0.0.0.0") port(5514)': `ip("127.0.0.1") port(${port})`,
      '/var/log': run.folder,
      '/var/lib/syslog-ng': run.folder,
    });
    const server = await startSyslogNg(t, syslogNg, { folder: run.folder, config });
    await sendTcp(port, run.lines);
    await run.check(t, 'stegwatch-alerts.json', 'stegwatch-events.json');
    await server.stop();
    await run.ended(t);
  });
}

/** A folder with a learned baseline, the program under its name, and the lines to be sent. */
function setUp(t: Test, name: string) {
  const folder = testFolder(t, {});
  const program = join(folder, 'stegwatch');
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${cliPath} "$@"\n`);
  chmodSync(program, 0o755);
  const yaml = join(folder, 'filter.yaml');
  const example = (file: string, replacements: Readonly<Record<string, string>>): string => {
    let text = readFileSync(join(examples, name, file), 'utf8');
    for (const [from, to] of Object.entries(replacements)) {
      if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
      text = text.replaceAll(from, to);
    }
    return text
      .replaceAll('/usr/local/bin/stegwatch', program)
      .replaceAll('/etc/stegwatch/filter.yaml', yaml);
  };
  const baseline = join(folder, 'baseline');
  writeFileSync(yaml, example('filter.yaml', { '/var/lib/stegwatch/baseline': baseline }));
  mkdirSync(join(folder, 'logs'));
  const now = Date.now();
  writeFileSync(join(folder, 'logs', 'old.log'), `${historyLines(now).join('\n')}\n`);
  const learned = spawnSync(program, ['learn', '-c', yaml, join(folder, 'logs', 'old.log')]);
  t.equal(learned.status, 0, String(learned.stderr));

  const path = (file: string) => join(folder, file);
  const read = (file: string): EventRecord[] => {
    if (!existsSync(path(file))) return [];
    return readFileSync(path(file), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  };
  const filterLog = () =>
    existsSync(path('stegwatch-filter.log'))
      ? readFileSync(path('stegwatch-filter.log'), 'utf8')
      : '';
  return {
    folder,
    lines: numberedLines({ from: 0, count, alertEvery, atMs: now }),
    example,
    read,
    filterLog,
    async check(t: Test, alertsFile: string, eventsFile: string) {
      const numbers = (records: readonly EventRecord[]) =>
        records.map(({ externalId }) => externalId);
      const all = () => new Set([...numbers(read(alertsFile)), ...numbers(read(eventsFile))]);
      await until(`all of ${count} in its files`, () => all().size === count, 60_000);
      const alerts = read(alertsFile);
      t.strictSame(numbers(alerts), alertNumbers);
      for (const { externalId, alert } of alerts) {
        t.match(alert, { level: /\w+/, host: `fresh${externalId}.example`, bytes: 9_000_000 });
      }
      const events = read(eventsFile).filter(({ alert }) => alert === undefined);
      t.strictSame(
        numbers(events),
        Array.from({ length: count }, (_, i) => `${i}`).filter((i) => !alertNumbers.includes(i)),
        'each once, in order',
      );
    },
    /** The filter has saved what it learned. */
    async ended(t: Test) {
      await until('the filter has ended', () => filterLog().includes('"msg":"stopped"'));
      const stopped = filterLog()
        .split('\n')
        .find((line) => line.includes('"msg":"stopped"'))!;
      t.match(JSON.parse(stopped), { events: count, alerts: alertNumbers.length });
    },
  };
}
