/**
 * Goal: whatever happens to the connection and the disk, every message that rsyslog was given is stored.
 * Method: a real omrelp sends through a proxy that cuts connections at random bytes; the storing is slow and
 * fails now and then, and what a failed flush covered is thrown away. An ack too early loses a message here.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { RelpConfig } from '../../../src/config/config.js';
import { AllowList } from '../../../src/input/allow-list.js';
import { createRelpInput } from '../../../src/input/relp/relp.js';
import type { Durability, FrameSink } from '../../../src/stages.js';
import { CuttingProxy } from '../../support/cutting-proxy.js';
import { testFolder } from '../../support/folder.js';
import { startOmrelp, untilResent } from '../../support/omrelp.js';
import { requirePeer, requireRsyslogModule } from '../../support/peers.js';
import { type Random, seededRandom } from '../../support/seed.js';
import { sendTcp } from '../../support/send.js';
import { until } from '../../support/until.js';
import { bench } from '../loopback.js';

t.setTimeout(180_000);

const count = 20_000;
const maxCuts = 8;

/** Keeps numbers of messages: those since the last flush in memory, the rest "on disk". */
class FailingStore implements FrameSink, Durability {
  readonly stored = new Set<number>();
  received = 0;
  failures = 0;
  readonly #random: Random;
  #open: number[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  frame(bytes: Buffer, start: number, end: number): void {
    this.received++;
    this.#open.push(Number(/number=(\d+)/.exec(bytes.toString('latin1', start, end))?.[1]));
  }

  async flush(): Promise<boolean> {
    const covered = this.#open;
    this.#open = [];
    await sleep(this.#random(15));
    if (this.#random(60) === 0) {
      this.failures++;
      return false;
    }
    for (const number of covered) if (number < count) this.stored.add(number);
    return true;
  }
}

const rsyslogd = requirePeer(t, 'rsyslogd');
if (rsyslogd !== null && requireRsyslogModule(t, 'omrelp')) {
  t.test('omrelp through cut connections to a disk that fails: all is stored', async (t) => {
    const random = seededRandom(t);
    const parts = bench();
    const store = new FailingStore(random);
    const config: RelpConfig = {
      address: '127.0.0.1',
      port: 0,
      maxConnections: 10,
      maxConnectionsPerAddress: 0,
      idleTimeoutMs: 0,
      frameTimeoutMs: 30_000,
    };
    const input = createRelpInput(config, {
      ...parts,
      sink: store,
      durability: store,
      maxMessageBytes: 65_536,
      allow: new AllowList([]),
    });
    await input.start();
    t.teardown(() => input.stop());
    const proxy = await CuttingProxy.start(t, {
      targetPort: input.port,
      maxCuts,
      bytesUntilCut: () => 1 + random(random(4) === 0 ? 300 : 400_000),
    });
    const rsyslog = await startOmrelp({
      rsyslogd,
      folder: testFolder(t),
      targetPort: proxy.port,
      teardown: (end) => t.teardown(end),
    });
    const line = (i: number) =>
      `<134>Oct 11 22:14:15 proxy app: number=${i} ${'x'.repeat(i % 400)}`;
    await sendTcp(
      rsyslog.port,
      Array.from({ length: count }, (_, i) => line(i)),
    );
    const all = () => store.stored.size >= count;
    await untilResent(rsyslog, line(count), 'all stored', all, 120_000).catch(() => {});
    const lost = Array.from({ length: count }, (_, i) => i).filter((i) => !store.stored.has(i));
    t.strictSame(lost, [], 'none is lost');
    const { counters } = parts;
    t.comment(
      `${store.received} received, ${proxy.cuts} cuts, ${store.failures} failures, ` +
        `${counters.relp_acks} acks, ${counters.relp_acks_withheld} withheld`,
    );
    t.equal(proxy.cuts, maxCuts);
    t.equal(counters.relp_protocol_errors, 0, 'rsyslog speaks what we read');
    t.equal(counters.relp_flush_failures, store.failures);
    await rsyslog.stop();
    await until('all connections closed', () => input.connections === 0);
    t.equal(counters.relp_acks + counters.relp_acks_withheld, store.received, 'each is accounted');
  });
}
