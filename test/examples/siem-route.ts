/** One of the routes of examples/fluentd in a real Fluentd, with the addresses of a test. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { encode } from '@msgpack/msgpack';
import type { Test } from 'tap';
import { Fluentd } from '../support/fluentd.js';
import { testFolder } from '../support/folder.js';

/** @param siem puts the stand-in for the SIEM in its place */
export function startRoute(
  t: Test,
  fluentd: string,
  route: 'sentinel' | 'splunk' | 'elasticsearch',
  siem: (config: string) => string,
): Promise<Fluentd> {
  const folder = testFolder(t);
  const example = readFileSync(`examples/fluentd/${route}/fluentd.conf`, 'utf8');
  const config = (port: number) =>
    siem(example).replace('port 24224', `port ${port}`).replaceAll('/var/log/fluent', folder);
  return Fluentd.start(t, { fluentd, folder, config });
}

/** In the Forward protocol: `[tag, [[time, record], …], { chunk }]`; Fluentd acks the chunk. */
export async function sendAlert(port: number, record: object): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write(encode(['stegwatch.alert', [[1_795_509_614, record]], { chunk: 'Y2h1bms=' }]));
  await once(socket, 'data');
  socket.destroy();
}
