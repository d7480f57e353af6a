import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import t from 'tap';
import { ReadTurn, turnShareBytes } from '../../src/input/read-turn.js';
import { byListener, Reading } from '../../src/input/reading.js';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const byOther = 2;

function make() {
  const socket = new PassThrough();
  const turn = new ReadTurn();
  const clock = { ms: 1000 };
  const reading = new Reading(socket as unknown as Socket, turn, () => clock.ms);
  return { socket, turn, clock, reading };
}

t.test('it begins held by its listener, and goes on once its turn has come', async (t) => {
  const { socket, clock, reading } = make();
  t.ok(socket.isPaused());
  t.ok(reading.isHeldBy(byListener));
  clock.ms = 2000;
  reading.release(byListener);
  t.ok(socket.isPaused(), 'not before its turn');
  t.notOk(reading.goesOn);
  await nextTurn();
  t.notOk(socket.isPaused());
  t.ok(reading.goesOn);
  t.equal(reading.sinceMs, 2000);
});

t.test('every reason has to go, in any order', async (t) => {
  const { socket, reading } = make();
  reading.hold(byOther);
  reading.release(byListener);
  await nextTurn();
  t.ok(socket.isPaused());
  reading.release(byOther);
  // Held anew while it waits, and let go again: it waits once.
  reading.hold(byListener);
  reading.release(byListener);
  reading.hold(byOther);
  await nextTurn();
  t.ok(socket.isPaused(), 'its turn came while it was held');
  t.notOk(reading.goesOn);
  reading.release(byListener);
  await nextTurn();
  t.ok(socket.isPaused(), 'a reason that was not there changes nothing');
  reading.release(byOther);
  await nextTurn();
  t.notOk(socket.isPaused());
});

t.test('with its share of a turn used up it waits for the next one', async (t) => {
  const { socket, clock, reading } = make();
  reading.release(byListener);
  await nextTurn();
  reading.took(turnShareBytes - 1);
  t.notOk(socket.isPaused());
  reading.took(1);
  t.ok(socket.isPaused());
  clock.ms = 3000;
  await nextTurn();
  t.notOk(socket.isPaused());
  t.equal(reading.sinceMs, 3000, 'we were late, not the sender');
  reading.took(turnShareBytes - 1);
  t.notOk(socket.isPaused(), 'each turn has its own share');
});

t.test('once ended it leaves the socket alone', async (t) => {
  const { socket, reading } = make();
  reading.release(byListener);
  reading.end();
  await nextTurn();
  t.ok(socket.isPaused());
  socket.resume();
  reading.hold(byOther);
  reading.took(turnShareBytes);
  t.notOk(socket.isPaused());
});
