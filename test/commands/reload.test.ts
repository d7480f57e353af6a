import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Reloads } from '../../src/commands/reload.js';

t.test('a signal that comes while it starts is heeded once it has started', async (t) => {
  const reloads = new Reloads();
  let times = 0;
  process.emit('SIGHUP');
  process.emit('SIGHUP');
  await turn();
  reloads.start(async () => {
    times++;
  });
  t.equal(times, 0, 'after what follows the start');
  await turn();
  t.equal(times, 1);
  process.emit('SIGHUP');
  await turn();
  t.equal(times, 2);
  await reloads.stop();
  process.emit('SIGHUP');
  await turn();
  t.equal(times, 2, 'none once it ends');
});

t.test('without a signal nothing is read anew', async (t) => {
  const reloads = new Reloads();
  reloads.start(async () => {
    t.fail('nobody asked');
  });
  await turn();
  await reloads.stop();
});
