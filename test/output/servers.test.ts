/** Which server is next and when, by a clock of the test. */
import t from 'tap';
import { addressOf, Servers } from '../../src/output/servers.js';

const hosts = ['a', 'b', 'c'].map((host) => ({ host, port: 1 }));

function make(list = hosts, maxMs = 1000): { servers: Servers; clock: { ms: number } } {
  const clock = { ms: 0 };
  const servers = new Servers({
    list,
    bounds: { firstMs: 100, maxMs },
    recoverWaitMs: 10,
    random: () => 0.5,
    now: () => clock.ms,
  });
  return { servers, clock };
}

t.test(
  'one after the other without a wait; after the last a wait, then from the first',
  async (t) => {
    const { servers } = make();
    const steps = [1, 2, 3, 4, 5, 6, 7].map(() => [servers.failed(), servers.active]);
    t.strictSame(steps, [
      [0, 1],
      [0, 2],
      [50, 0],
      [0, 1],
      [0, 2],
      [100, 0],
      [0, 1],
    ]);
  },
);

t.test('with one server each failure is a wait, and an ack resets its bound', async (t) => {
  const { servers } = make(hosts.slice(0, 1));
  t.strictSame([servers.failed(), servers.failed(), servers.failed()], [50, 100, 200]);
  servers.delivered(0);
  t.equal(servers.failed(), 50);
});

t.test(
  'while all refuse, the bound of a wait is lower; one that does more ends that',
  async (t) => {
    const { servers } = make(hosts.slice(0, 2), 30_000);
    const round = (...refused: readonly boolean[]) => refused.map((one) => servers.failed(one));
    for (let n = 0; n < 20; n++) round(true, true);
    t.strictSame(round(true, true), [0, 2500], 'half of 5 s');
    t.strictSame(round(true, false), [0, 15_000]);
    t.strictSame(round(false, true), [0, 15_000]);
    t.strictSame(round(true, true), [0, 2500], 'each round for itself');
  },
);

t.test('a connection that breaks soon after its first ack counts as a failure', async (t) => {
  const { servers } = make(hosts.slice(0, 2));
  servers.delivered(99);
  t.strictSame([servers.failed(), servers.active], [0, 1]);
  servers.delivered(99);
  t.strictSame([servers.failed(), servers.active], [50, 0], 'not in turn without a wait');
  servers.failed();
  servers.delivered(100);
  t.strictSame(
    [servers.failed(), servers.active],
    [0, 0],
    'the first has not failed in this round',
  );
});

t.test(
  'those before the active one are probed; ever less often if returned to in vain',
  async (t) => {
    const { servers, clock } = make();
    t.strictSame(servers.probesDue(), [], 'the first is used');
    servers.failed();
    servers.failed();
    t.strictSame([servers.active, servers.probesDue()], [2, [0, 1]]);
    const waits = Array.from({ length: 10 }, () => {
      servers.returnTo(0);
      servers.failed();
      const fromMs = clock.ms;
      while (servers.probesDue().length === 0) clock.ms++;
      return clock.ms - fromMs;
    });
    t.strictSame(waits, [20, 40, 80, 160, 320, 640, 640, 640, 640, 640]);
    servers.returnTo(0);
    servers.delivered(0);
    servers.failed();
    clock.ms += 640;
    servers.returnTo(0);
    servers.failed();
    clock.ms += 20;
    t.strictSame(servers.probesDue(), [0], 'an ack makes good');
  },
);

t.test('an address is written as one would type it', async (t) => {
  t.equal(addressOf({ host: '::1', port: 5 }), '[::1]:5');
  t.equal(addressOf({ host: 'a', port: 5 }), 'a:5');
});
