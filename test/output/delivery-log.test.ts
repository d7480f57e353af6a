import { pino } from 'pino';
import t from 'tap';
import type { ConnectionFailure } from '../../src/output/connection-failure.js';
import { DeliveryLog, toFile } from '../../src/output/delivery-log.js';

const server = '192.0.2.1:24224';
const state = { server, next: server, retryInMs: 5, spoolBytes: 7, unackedChunks: 1 };
const refused: ConnectionFailure = { kind: 'connect', error: 'refused', hint: 'start it' };
const noAck: ConnectionFailure = { kind: 'ack', error: 'no ack', hint: 'look' };

t.test('the first failure is said at once, with address, error and what to do', async (t) => {
  const { log, said } = watched();
  log.failed(refused, state);
  t.equal(said.length, 1);
  t.match(said[0], {
    level: 40,
    code: 'CONNECT_FAILED',
    error: 'refused',
    hint: 'start it',
    server: '192.0.2.1:24224',
  });
  t.match(said[0]?.msg, /192\.0\.2\.1:24224.*refused.*start it/);
});

t.test('one line per kind and 10 s, which says how many were held back', async (t) => {
  const { log, said, clock } = watched();
  for (; clock.ms < 25_000; clock.ms += 1000) log.failed(refused, state);
  t.strictSame(
    said.map((line) => line.heldBack),
    [0, 9, 9],
  );
});

t.test('kinds do not hide each other', async (t) => {
  const { log, said } = watched();
  for (const failure of [refused, noAck, refused, noAck]) log.failed(failure, state);
  t.strictSame(
    said.map((line) => line.error),
    ['refused', 'no ack'],
  );
});

t.test(
  'the first server, tried first in each round, does not hide why the second fails',
  async (t) => {
    const { log, said, clock } = watched();
    const second = '192.0.2.2:24224';
    const untrusted: ConnectionFailure = { kind: 'connect', error: 'untrusted', hint: 'trust it' };
    for (; clock.ms < 60_000; clock.ms += 15_000) {
      log.failed(refused, { ...state, next: second });
      log.failed(untrusted, { ...state, server: second });
      log.probeFailed(refused, server);
      log.probeFailed(untrusted, second);
    }
    t.equal(said.filter(({ error, level }) => error === 'untrusted' && level === 40).length, 4);
    t.equal(said.filter(({ error, level }) => error === 'untrusted' && level === 30).length, 4);
  },
);

t.test('recovery is said once, with the length of the outage', async (t) => {
  const { log, said, clock } = watched();
  log.failed(refused, state);
  clock.ms += 1000;
  log.failed(refused, state);
  clock.ms += 500;
  log.delivered(state.server);
  log.delivered(state.server);
  t.equal(said.length, 2);
  t.match(said[1], { level: 30, outageMs: 1500, failures: 2 });
});

t.test('the last failure is known until something is delivered', async (t) => {
  const { log } = watched();
  t.equal(log.trouble, null);
  log.failed(refused, state);
  log.failed(noAck, state);
  t.equal(log.trouble, `${server}: no ack; look`);
  log.delivered(server);
  t.equal(log.trouble, null);
});

t.test('nothing is said of deliveries while nothing fails', async (t) => {
  const { log, said } = watched();
  log.delivered(state.server);
  t.strictSame(said, []);
});

t.test(
  'a server that fails and recovers all the time writes few lines, the last one true',
  async (t) => {
    const { log, said, clock } = watched();
    for (; clock.ms < 10_000; clock.ms += 100) {
      log.failed(refused, state);
      log.delivered(state.server);
    }
    t.equal(said.length, 2, 'not 200');
    t.match(said.at(-1)?.msg, /again/);
  },
);

t.test('a connection is said, at most every 10 s', async (t) => {
  const { log, said, clock } = watched();
  for (; clock.ms < 15_000; clock.ms += 1000) log.connected(state.server);
  t.equal(said.length, 2);
  t.match(said[0], { level: 30, server: state.server });
});

t.test('a file is written to, not connected to', async (t) => {
  const said: Line[] = [];
  const logger = pino({}, { write: (line) => said.push(JSON.parse(line) as Line) });
  const log = new DeliveryLog(logger, () => 0, toFile);
  log.connected('/var/x.json');
  log.failed(refused, { ...state, server: '/var/x.json' });
  log.delivered('/var/x.json');
  t.match(said[0], { msg: 'writing to /var/x.json', file: '/var/x.json' });
  t.match(said[2], { msg: 'writing to /var/x.json again', file: '/var/x.json' });
});

interface Line {
  readonly level: number;
  readonly code?: string;
  readonly msg: string;
  readonly error?: string;
  readonly heldBack?: number;
}

function watched() {
  const said: Line[] = [];
  const clock = { ms: 0 };
  const logger = pino({}, { write: (line) => said.push(JSON.parse(line) as Line) });
  return { log: new DeliveryLog(logger, () => clock.ms), said, clock };
}
