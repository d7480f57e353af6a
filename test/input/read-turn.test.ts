import t from 'tap';
import { ReadTurn, turnBytes } from '../../src/input/read-turn.js';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

t.test('a turn is full once its bytes are read, and the next one is not', async (t) => {
  const turn = new ReadTurn();
  const { number } = turn;
  turn.takes(turnBytes - 1);
  t.notOk(turn.full);
  turn.takes(1);
  t.ok(turn.full);
  t.equal(turn.number, number, 'still the same turn');
  await nextTurn();
  t.notOk(turn.full);
  t.equal(turn.number, number + 1);
});

t.test('who waits is let on in order, a few in each turn, and nobody twice', async (t) => {
  const turn = new ReadTurn();
  const served: number[] = [];
  const perTurn: number[] = [];
  // Connections that flood: as soon as each has read, it waits again.
  const wait = (n: number) => turn.wait(() => served.push(n) < 200 && wait(n));
  for (let n = 0; n < 50; n++) wait(n);
  for (let i = 0; i < 12; i++) {
    const before = served.length;
    await nextTurn();
    perTurn.push(served.length - before);
  }
  const order = Array.from({ length: 150 }, (_, i) => i % 50);
  t.strictSame(served.slice(0, 150), order, 'each once before any comes again');
  t.ok(Math.max(...perTurn) <= 16, perTurn.join(' '));
});

t.test('without anybody that reads or waits no turn is counted', async (t) => {
  const turn = new ReadTurn();
  const { number } = turn;
  await nextTurn();
  await nextTurn();
  t.equal(turn.number, number);
});

t.test('at the last all who wait are let on at once', async (t) => {
  const turn = new ReadTurn();
  let served = 0;
  for (let n = 0; n < 50; n++) turn.wait(() => served++);
  t.ok(turn.waited);
  turn.serveAll();
  t.equal(served, 50);
  t.notOk(turn.waited);
  await nextTurn();
  t.equal(served, 50);
});
