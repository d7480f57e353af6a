import fc from 'fast-check';
import t from 'tap';
import { HostHandle, KnownHosts } from '../../src/baseline/known-hosts.js';
import { NameBytes } from '../../src/baseline/name-bytes.js';
import { Sightings } from '../../src/baseline/sightings.js';
import { Counters } from '../../src/observe/counters.js';

const now = 500_000;

function make(maxHosts: number): { hosts: KnownHosts; counters: Counters } {
  const counters = new Counters();
  const options = { lookbackHours: 168, holdbackHours: 24, maxHosts, counters };
  return { hosts: new KnownHosts(options), counters };
}

function sightingsOf(seen: readonly (readonly [string, number])[]): Sightings {
  const sightings = new Sightings();
  const name = new NameBytes();
  for (const [host, hour] of seen) sightings.add(name.set(host), hour);
  return sightings;
}

t.test('sightings come back by shard, within one in their order, byte for byte', async (t) => {
  const seen = Array.from({ length: 500 }, (_, i) => [`höst-${i % 90}`, now - i] as const);
  const sightings = sightingsOf([...seen, ['x'.repeat(70_000 / 2), now], ['', now]]);
  t.equal(sightings.count, 502);
  const { order, ends } = sightings.byShard(7);
  t.equal(order.length, 502);
  const inTheirOrder = [...order].sort((a, b) => a - b);
  t.equal(new Set(inTheirOrder).size, 502);
  const name = new NameBytes();
  let i = 0;
  for (const [shard, end] of ends.entries()) {
    for (let before = -1; i < end; i++) {
      const start = order[i]!;
      t.ok(start > before, 'in order');
      before = start;
      const hour = sightings.copyName(start, name);
      t.equal(name.spread % 7, shard);
      const at = inTheirOrder.indexOf(start);
      if (at >= seen.length) continue;
      const text = Buffer.from(name.bytes.subarray(0, name.length)).toString();
      t.strictSame([text, hour], seen[at]);
      t.equal(name.place, new NameBytes().set(text).place);
    }
  }
  sightings.clear();
  t.equal(sightings.count, 0);
});

t.test('it grows as far as it is filled, and says when they are many', async (t) => {
  const sightings = new Sightings();
  const name = new NameBytes();
  for (let i = 0; i < 300_000; i++) {
    if (i === 200_000) t.notOk(sightings.many);
    sightings.add(name.set(`host-${i}.example`), i);
  }
  t.ok(sightings.many);
  const { order } = sightings.byShard(1);
  for (const at of [0, 123_456, 299_999]) {
    t.equal(sightings.copyName(order[at]!, name), at);
    t.equal(Buffer.from(name.bytes.subarray(0, name.length)).toString(), `host-${at}.example`);
  }
  const long = new Sightings();
  for (let i = 0; i < 400; i++) long.add(name.set(`${i}`.padEnd(65_000, '-')), 0);
  t.ok(long.many, 'many bytes are many too');
  long.copyName(long.byShard(1).order[399]!, name);
  t.equal(name.length, 65_000);
  t.equal(Buffer.from(name.bytes.subarray(0, 4)).toString(), '399-');
});

t.test('seen together is as seen one after the other', async (t) => {
  // Names for several shards; hours of which some are of a clock that was wrong.
  const sighting = fc.tuple(
    fc.nat(40),
    fc.oneof(fc.integer({ min: -200, max: 0 }), fc.nat(70_000)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(sighting, { maxLength: 200 }), async (drawn) => {
      const seen = drawn.map(([host, hour]) => [`h${host}.example`, now + hour] as const);
      const together = make(100_000);
      await together.hosts.seeAll(sightingsOf(seen), now);
      const apart = make(100_000);
      for (const [host, hour] of seen) apart.hosts.see(new HostHandle(host), hour, now);
      const about = ({ hosts, counters }: typeof apart) => [
        hosts.known,
        hosts.pending,
        counters.host_evictions,
        ...seen.map(([host]) => {
          const handle = new HostHandle(host);
          return [
            hosts.state(handle, now),
            hosts.firstHour(handle, now - 168),
            hosts.lastHour(handle),
          ];
        }),
      ];
      t.strictSame(about(together), about(apart));
    }),
    { numRuns: 200 },
  );
});

t.test('more hosts than may be held: the newest of each shard stay', async (t) => {
  const max = 20_000;
  const { hosts, counters } = make(max);
  const seen = Array.from({ length: 60_000 }, (_, i) => {
    return [`h${i}.example`, now - 168 + Math.floor(i / 600)] as const;
  });
  await hosts.seeAll(sightingsOf(seen), now);
  t.equal(hosts.known + hosts.pending, max);
  t.equal(counters.host_evictions, 40_000);
  const kept = seen.map(([host]) => hosts.lastHour(new HostHandle(host)) !== -1);
  t.ok(
    kept.slice(0, 36_000).every((is) => !is),
    'none of the oldest',
  );
  t.ok(
    kept.slice(44_000).every((is) => is),
    'all of the newest',
  );
});
