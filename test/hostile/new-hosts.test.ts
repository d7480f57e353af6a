/**
 * Goal: a sender that names a new host in every event buys no memory, and pushes out no host that a verdict
 * rests on. Method: a million JPEGs of a million hosts through the whole path, with room for ten thousand;
 * the heap after a tenth of them and after all, both after a full collection.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { msPerHour } from '../../src/hour.js';
import { WholePath } from '../support/whole-path.js';

const now = Date.UTC(2026, 10, 24, 12, 30);
const maxHosts = 10_000;
const knownHosts = 1000;
const maxAlerts = 1000;
/** Kept of each of 900,000 hosts, 20 bytes would be more. */
const maxGrowth = 16 * 1024 * 1024;
const events = 1_000_000;
const eventsPerTurn = 20_000;

const yaml = `
detection:
  preset: recommended
  new_source: host
  minimum_bytes: 0
  minimum_samples: 1
  minimum_history: 0h
  suppress: { by: [ host, user ], max_alerts: ${maxAlerts} }
`;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heldBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A JPEG of a host with a number in its name, written over and over in one buffer. */
class NumberedHosts {
  readonly bytes = Buffer.from(
    'CEF:0|Acme|Proxy|1|web|web access|3|request=http://n0000000.example/a.jpg in=0000000 out=1 ' +
      'dhost=n0000000.example suser=u0000000',
  );
  readonly #places = ['//n', 'dhost=n', 'suser=u'].map(
    (mark) => this.bytes.indexOf(mark) + mark.length,
  );
  readonly #size = this.bytes.indexOf('in=') + 3;

  set(host: number, size: number): void {
    for (const place of this.#places) this.#write(place, host);
    this.#write(this.#size, size);
  }

  #write(at: number, number: number): void {
    for (let i = 6, rest = number; i >= 0; i--, rest = Math.floor(rest / 10)) {
      this.bytes[at + i] = 0x30 + (rest % 10);
    }
  }
}

t.test('a million new hosts', { timeout: 110_000 }, async (t) => {
  const path = await WholePath.open(yaml, t.testdir(), now - 3 * 24 * msPerHour);
  const frame = new NumberedHosts();
  for (let host = 0; host < knownHosts; host++) {
    frame.set(host, 1000 + host);
    path.frame(frame.bytes, now - 48 * msPerHour);
  }
  await path.checkpoint(now);
  path.take();
  const { counters } = path;
  const baseline = path.state.baselines.download!;
  t.equal(baseline.stats(Math.floor(now / msPerHour)).knownHosts, knownHosts);
  const evictedBefore = counters.host_evictions;

  let held = 0;
  for (let n = 0; n < events; n++) {
    // One in fifty is large, and so an alert.
    frame.set(knownHosts + n, n % 50 === 0 ? 5_000_000 : 500);
    path.frame(frame.bytes, now + Math.floor(n / 100));
    if (n % eventsPerTurn > 0) continue;
    path.take();
    if (n % (10 * eventsPerTurn) === 0) await path.checkpoint(now);
    if (n === events / 10) held = heldBytes();
  }
  path.take();
  await path.checkpoint(now);
  const most = heldBytes();

  t.ok(most - held < maxGrowth, `${held} bytes after 100,000 hosts, ${most} after 1,000,000`);
  const stats = baseline.stats(Math.floor(now / msPerHour));
  t.match(stats, { knownHosts, pendingHosts: maxHosts - knownHosts });
  const evicted = counters.host_evictions - evictedBefore;
  t.equal(evicted, events - (maxHosts - knownHosts), 'each eviction is counted');
  t.equal(counters.hosts_not_saved, events - maxHosts, 'each name that no file holds is counted');
  t.equal(counters.alerts, events / 50, 'and each large one was an alert');
  t.ok(path.state.repeats.size <= maxAlerts, `${path.state.repeats.size} alerts remembered`);
  t.equal(counters.repeat_evictions, events / 50 - maxAlerts);

  let alerts = 0;
  for (let host = 0; host < knownHosts; host++) {
    frame.set(host, 5_000_000);
    path.frame(frame.bytes, now + events / 100);
    if (path.verdict.alert !== null) alerts++;
  }
  t.equal(alerts, 0, 'no known host was pushed out');
});
