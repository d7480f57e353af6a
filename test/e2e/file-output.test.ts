/** The only output a file: every event is in it as a record, alerts with their fields, and after a kill too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { testFolder } from '../support/folder.js';
import { learnHistory } from '../support/learned.js';
import { numberedLines } from '../support/numbered-lines.js';
import { sendTcp } from '../support/send.js';
import { startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(60_000);

t.test('every event is a line of JSON, none is missing after kill -9', async (t) => {
  const folder = testFolder(t, {});
  const yaml = `listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
forward: { file: { path: events.json, raw: alerts } }
`;
  learnHistory(folder, yaml);
  const records = () =>
    readFileSync(join(folder, 'events.json'), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const run = await startSidecar(folder, yaml, t.teardown.bind(t));
  const lines = numberedLines({ from: 1, count: 1000, alertEvery: 100, atMs: Date.now() });
  await sendTcp(run.tcpPort, lines);
  await until('they are taken in', () => records().length >= 900);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await run.kill();
  const again = await startSidecar(folder, yaml, t.teardown.bind(t));
  t.equal(await again.stop(), 0);
  const all = records();
  t.equal(new Set(all.map(({ externalId }) => externalId)).size, 1000);
  const alerts = all.filter(({ alert }) => alert !== undefined);
  t.equal(new Set(alerts.map(({ externalId }) => externalId)).size, 10);
  t.match(alerts[0], { raw: lines[99], alert: { host: 'fresh100.example', level: /./ } });
});
