/**
 * Goal: between rsyslog and Fluentd nothing is lost. Method: a real omrelp sends numbered lines through a
 * proxy that cuts connections at random bytes to the built program, which is killed and started again on the
 * same port and folders; a Forward receiver keeps the ledger. A message may come twice, none may be missing.
 *
 * The large run: STEGWATCH_RELP_MESSAGES=100000 STEGWATCH_RELP_CUTS=50 STEGWATCH_RELP_KILLS=5.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { entriesIn } from '../support/entries.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { numberedLines } from '../support/numbered-lines.js';
import { startOmrelp, untilResent } from '../support/omrelp.js';
import { requirePeer, requireRsyslogModule } from '../support/peers.js';
import { freeTcpPort } from '../support/rsyslog.js';
import { seededRandom } from '../support/seed.js';
import { sendTcp } from '../support/send.js';
import { startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

const messages = Number(process.env.STEGWATCH_RELP_MESSAGES ?? 5_000);
const cuts = Number(process.env.STEGWATCH_RELP_CUTS ?? 10);
const kills = Number(process.env.STEGWATCH_RELP_KILLS ?? 2);
/** rsyslog waits a second and more before it connects again. */
const deadlineMs = 60_000 + messages + 10_000 * (cuts + kills);

t.setTimeout(deadlineMs + 60_000);

const rsyslogd = requirePeer(t, 'rsyslogd');
if (rsyslogd !== null && requireRsyslogModule(t, 'omrelp')) {
  t.test(`${messages} messages, ${cuts} cuts, ${kills} kills: none is lost`, async (t) => {
    const random = seededRandom(t);
    const folder = testFolder(t, { rsyslog: {}, run: {} });
    const teardown = (end: () => void) => t.teardown(end);
    const receiver = await ForwardServer.start(t);
    const port = await freeTcpPort();
    const yaml = `listen: { udp: false, tcp: false, relp: { address: 127.0.0.1, port: ${port} } }
forward: { fluentd: { servers: [{ host: 127.0.0.1, port: ${receiver.port} }] } }
`;
    let sidecar = await startSidecar(`${folder}/run`, yaml, teardown);
    // All cuts fall within the bytes to come: a line is more than 400 of them.
    const evenly = Math.floor((messages * 400) / (cuts + 1));
    const proxy = await CuttingProxy.start(t, {
      targetPort: port,
      maxCuts: cuts,
      bytesUntilCut: () => 1 + random(random(4) === 0 ? 300 : evenly),
    });
    const rsyslog = await startOmrelp({
      rsyslogd,
      folder: `${folder}/rsyslog`,
      targetPort: proxy.port,
      teardown,
    });
    const ledger = new Ledger(receiver);
    const lines = numberedLines({ from: 0, count: messages + 1, alertEvery: 0, atMs: Date.now() });
    const further = lines.pop()!;
    const sent = sendTcp(rsyslog.port, lines);
    for (let kill = 1; kill <= kills; kill++) {
      const enough = Math.floor((messages * kill) / (kills + 1));
      await until(`${enough} delivered`, () => ledger.delivered >= enough, deadlineMs);
      // What is acked from here on is in the spool only, and must be there after the kill.
      await receiver.stop();
      await sleep(200 + random(300));
      await sidecar.kill();
      await receiver.listen();
      sidecar = await startSidecar(`${folder}/run`, yaml, teardown);
    }
    await sent;
    const all = () => ledger.delivered >= messages;
    await untilResent(rsyslog, further, 'all delivered', all, deadlineMs).catch(() => {});
    t.strictSame(ledger.missing(messages), [], 'none is lost');
    t.equal(proxy.cuts, cuts);
    t.comment(`${ledger.entries - ledger.delivered} came twice, ${proxy.connections} connections`);
    await rsyslog.stop();
    await stopped(t, sidecar);
  });
}

async function stopped(t: Test, sidecar: Awaited<ReturnType<typeof startSidecar>>): Promise<void> {
  t.equal(await sidecar.stop(), 0);
  const counters = await sidecar.said(/^stopped$/);
  const { relp_acks: acks = 0, relp_acks_withheld: withheld = 0 } = counters;
  t.equal(Number(acks) + Number(withheld), counters.received_frames, 'each is accounted');
  t.equal(counters.relp_protocol_errors, undefined);
}

/** Which numbers the receiver has, read from its chunks as they come. */
class Ledger {
  entries = 0;
  readonly #receiver: ForwardServer;
  readonly #numbers = new Set<number>();
  #chunks = 0;

  constructor(receiver: ForwardServer) {
    this.#receiver = receiver;
  }

  get delivered(): number {
    for (; this.#chunks < this.#receiver.chunks.length; this.#chunks++) {
      for (const record of entriesIn(this.#receiver.chunks[this.#chunks]!.entries)) {
        const number = Number((record as { externalId?: string }).externalId);
        if (number >= messages) continue;
        this.entries++;
        this.#numbers.add(number);
      }
    }
    return this.#numbers.size;
  }

  missing(count: number): number[] {
    return Array.from({ length: count }, (_, i) => i).filter((i) => !this.#numbers.has(i));
  }
}
