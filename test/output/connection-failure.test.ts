/** Nobody listens there: only if every address says so, and only of a connection that was being made. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import t from 'tap';
import { isRefused } from '../../src/output/connection-failure.js';
import * as ofForward from '../../src/output/forward/forward-failure.js';
import * as ofSyslog from '../../src/output/syslog/syslog-failure.js';
import { makeForwarding } from '../support/forwarding.js';
import { until } from '../support/until.js';

const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
const silent = Object.assign(new Error('connect'), { code: 'ETIMEDOUT' });
const all = (...errors: Error[]) =>
  Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' });

t.test('refused by all addresses, while connecting', async (t) => {
  t.ok(isRefused('connect', refused));
  t.ok(isRefused('connect', all(refused, refused)));
  t.notOk(isRefused('connect', all(refused, silent)));
  t.notOk(isRefused('connect', silent));
  t.notOk(isRefused('deliver', refused), 'UDP: a line was sent for it');
  t.notOk(isRefused('connect', null));
  t.match(ofForward.socketFailure('connect', refused), { refused: true });
  t.match(ofSyslog.socketFailure('connect', refused), { refused: true });
  t.match(ofSyslog.socketFailure('deliver', refused), { refused: false });
});

t.test('the output waits as after a refusal', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  taken.close();
  const deadlines = { retryFirstMs: 60_000, retryMaxMs: 60_000 };
  const { output, lines } = makeForwarding(t, [port], {}, deadlines, () => 0.01);
  output.start();
  await until('an attempt', () => lines.length > 0);
  t.match(lines[0], { retryInMs: 50 }, 'of 5 s, not 60');
});
