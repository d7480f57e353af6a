import fc from 'fast-check';
import t from 'tap';
import { HostHandle, KnownHosts, type KnownHostsOptions } from '../../src/baseline/known-hosts.js';
import { Counters } from '../../src/observe/counters.js';
import { CachedHosts } from './cached-hosts.js';

const lookbackHours = 168;
const holdbackHours = 24;
const now = 500_000;

/** By name, with a handle kept for each of some names: whether one is kept must make no difference. */
class NamedHosts {
  readonly #hosts: KnownHosts;
  readonly #handles = new Map<string, HostHandle>();
  #asked = 0;

  constructor(options: KnownHostsOptions) {
    this.#hosts = new KnownHosts(options);
  }

  get known(): number {
    return this.#hosts.known;
  }

  get pending(): number {
    return this.#hosts.pending;
  }

  see(name: string, hour: number, now: number): void {
    this.#hosts.see(this.#handle(name), hour, now);
  }

  state(name: string, hour: number): string {
    return this.#hosts.state(this.#handle(name), hour);
  }

  firstHour(name: string, from: number): number {
    return this.#hosts.firstHour(this.#handle(name), from);
  }

  lastHour(name: string): number {
    return this.#hosts.lastHour(this.#handle(name));
  }

  sweep(hour: number): Promise<void> {
    return this.#hosts.sweep(hour);
  }

  forgetHour(hour: number): Promise<void> {
    return this.#hosts.forgetHour(hour);
  }

  #handle(name: string): HostHandle {
    const kept = this.#handles.get(name) ?? new HostHandle(name);
    if (this.#asked++ % 3 > 0) this.#handles.set(name, kept);
    return kept;
  }
}

function make(maxHosts = 1000): { hosts: NamedHosts; counters: Counters } {
  const counters = new Counters();
  return { hosts: new NamedHosts({ lookbackHours, holdbackHours, maxHosts, counters }), counters };
}

t.test(
  'one hour makes a host pending, then known, then never seen, at these very edges',
  async (t) => {
    const { hosts } = make();
    hosts.see('h', now, now);
    t.equal(hosts.state('h', now), 'pending');
    t.equal(hosts.state('h', now + holdbackHours), 'pending');
    t.equal(hosts.state('h', now + holdbackHours + 1), 'known');
    t.equal(hosts.state('h', now + lookbackHours), 'known');
    t.equal(hosts.state('h', now + lookbackHours + 1), 'never_seen');
    t.equal(
      hosts.state('h', now - 1),
      'pending',
      'an hour newer than the judged one counts as newer',
    );
    t.equal(hosts.state('other', now), 'never_seen');
  },
);

t.test('a gap in the window matters: seen eight days ago and today is pending', async (t) => {
  const { hosts } = make();
  hosts.see('h', now - 8 * 24, now - 8 * 24);
  hosts.see('h', now, now);
  t.equal(hosts.state('h', now), 'pending');
  hosts.see('h', now - 3 * 24, now);
  t.equal(hosts.state('h', now), 'known', 'three days ago makes it known');
});

t.test('states are those of a plain set of hours, in any order of learning', async (t) => {
  const name = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'toString');
  const sightings = fc.array(fc.record({ name, ago: fc.nat(200) }), { maxLength: 40 });
  fc.assert(
    fc.property(sightings, fc.nat(10), (seen, later) => {
      const { hosts } = make();
      for (const sighting of seen) hosts.see(sighting.name, now - sighting.ago, now);
      const hour = now + later;
      for (const host of ['a', 'b', '__proto__', 'constructor', 'toString', 'valueOf']) {
        // Hours that left the ring behind a newer one cannot matter: they are beyond the lookback.
        const hours = seen.filter((s) => s.name === host).map((s) => now - s.ago);
        const known = hours.some((h) => h >= hour - lookbackHours && h < hour - holdbackHours);
        const pending = hours.some((h) => h >= hour - holdbackHours);
        const expected = known ? 'known' : pending ? 'pending' : 'never_seen';
        t.equal(hosts.state(host, hour), expected);
      }
    }),
    { numRuns: 150 },
  );
});

t.test('the first hour asked from a moment on', async (t) => {
  const { hosts } = make();
  t.equal(hosts.firstHour('h', 0), -1);
  for (const hour of [now - 30, now - 100, now]) hosts.see('h', hour, now);
  t.equal(hosts.firstHour('h', 0), now - 100);
  t.equal(hosts.firstHour('h', now - 99), now - 30);
  t.equal(hosts.firstHour('h', now + 1), -1);
});

t.test('pending hosts are evicted before known ones, the least recently seen first', async (t) => {
  const { hosts, counters } = make(4);
  hosts.see('known-1', now - 100, now);
  hosts.see('known-2', now - 99, now);
  hosts.see('pending-1', now, now);
  hosts.see('pending-2', now, now);
  hosts.see('pending-1', now, now);
  t.equal(counters.host_evictions, 0);

  hosts.see('new-1', now, now);
  t.equal(hosts.state('pending-2', now), 'never_seen', 'not seen for longest');
  t.equal(hosts.state('pending-1', now), 'pending');
  hosts.see('new-2', now, now);
  t.equal(hosts.state('pending-1', now), 'never_seen');
  t.equal(counters.host_evictions, 2);
  for (const host of ['known-1', 'known-2']) t.equal(hosts.state(host, now), 'known');
});

t.test('without a pending host the least recently seen known one goes', async (t) => {
  const { hosts, counters } = make(2);
  hosts.see('known-1', now - 100, now);
  hosts.see('known-2', now - 99, now);
  hosts.see('known-1', now - 98, now);
  hosts.see('known-3', now - 50, now);
  t.equal(hosts.state('known-2', now), 'never_seen');
  t.equal(hosts.state('known-1', now), 'known');
  t.equal(counters.host_evictions, 1);
});

t.test('a flood of new hosts costs one known host at most', async (t) => {
  const { hosts, counters } = make(50);
  for (let i = 0; i < 50; i++) hosts.see(`known-${i}`, now - 100, now);
  for (let i = 0; i < 5000; i++) hosts.see(`flood-${i}`, now, now);
  const left = Array.from({ length: 50 }, (_, i) => hosts.state(`known-${i}`, now));
  t.equal(left.filter((state) => state === 'known').length, 49);
  t.equal(counters.host_evictions, 5000);
  t.equal(hosts.known + hosts.pending, 50);
});

t.test('a host that has become known while pending is not evicted as pending', async (t) => {
  const { hosts } = make(2);
  hosts.see('early', now - 30, now - 30);
  hosts.see('late', now, now - 30);
  hosts.see('new', now, now);
  t.equal(hosts.state('early', now), 'known');
  t.equal(hosts.state('late', now), 'never_seen');
});

t.test('a known host that is left with new hours only is evicted as pending', async (t) => {
  const { hosts } = make(2);
  hosts.see('back', now - 200, now - 100);
  hosts.see('known', now - 100, now);
  hosts.see('back', now, now);
  hosts.see('new', now, now);
  t.equal(hosts.state('back', now), 'never_seen');
  t.equal(hosts.state('known', now), 'known');
});

t.test('an expired host makes room without being counted', async (t) => {
  const { hosts, counters } = make(2);
  hosts.see('expired', now - 300, now - 250);
  hosts.see('known', now - 100, now - 50);
  hosts.see('new', now, now);
  t.equal(counters.host_evictions, 0);
  t.equal(hosts.state('known', now), 'known');
  t.equal(hosts.state('new', now), 'pending');
});

t.test('a sweep frees the expired, keeps one hour of margin, and counts by state', async (t) => {
  const { hosts, counters } = make();
  hosts.see('expired', now - lookbackHours - 2, now - lookbackHours);
  hosts.see('margin', now - lookbackHours - 1, now - lookbackHours);
  hosts.see('known', now - 100, now - 100);
  hosts.see('pending', now, now);
  await hosts.sweep(now);
  t.equal(hosts.state('expired', now - 2), 'never_seen', 'gone');
  t.equal(hosts.state('margin', now - 1), 'known', 'a late event still finds it');
  t.equal(hosts.known, 1);
  t.equal(hosts.pending, 2);
  t.equal(counters.host_evictions, 0, 'expiry is not eviction');
  await hosts.sweep(now + holdbackHours + 1);
  t.equal(hosts.known, 2, 'the pending one has become known');
});

t.test('forgetting an hour takes it from every host, and hosts that had no other', async (t) => {
  const { hosts } = make();
  hosts.see('both', now - 50, now);
  hosts.see('both', now - 60, now);
  hosts.see('only', now - 50, now);
  await hosts.forgetHour(now - 50);
  t.equal(hosts.state('both', now), 'known');
  t.equal(hosts.firstHour('both', now - 59), -1);
  t.equal(hosts.state('only', now), 'never_seen');
  t.equal(hosts.known + hosts.pending, 1);
});

t.test('the bound holds over many shards, and pending ones anywhere go first', async (t) => {
  const { hosts, counters } = make(20_000);
  for (let i = 0; i < 19_000; i++) hosts.see(`known-${i}`, now - 100, now);
  for (let i = 0; i < 30_000; i++) hosts.see(`flood-${i}`, now, now);
  t.equal(hosts.known, 19_000);
  t.equal(hosts.pending, 1000);
  t.equal(counters.host_evictions, 29_000);
  for (let i = 0; i < 1000; i++) hosts.see(`known-too-${i}`, now - 50, now);
  t.equal(hosts.known, 20_000);
  t.equal(hosts.pending, 0);
  hosts.see('one more', now, now);
  t.equal(hosts.known, 19_999);
  t.equal(hosts.pending, 1);
});

t.test(
  'the search for one to evict stays short, though all pending ones became known',
  async (t) => {
    const { hosts } = make(30_000);
    for (let i = 0; i < 30_000; i++) hosts.see(`h${i}`, now - 30, now - 30);
    hosts.see('new', now, now);
    t.ok(hosts.known < 5000, `${hosts.known} moved within one call`);
    t.equal(hosts.known + hosts.pending, 30_000);
    t.equal(hosts.state('new', now), 'pending');
  },
);

t.test('slots are reused: many generations of hosts need no more room than one', async (t) => {
  const { hosts } = make(100);
  for (let day = 0; day < 60; day++) {
    const hour = now + day * 24;
    for (let i = 0; i < 150; i++) hosts.see(`day-${day}-${i}`, hour, hour);
    await hosts.sweep(hour);
    t.ok(hosts.known + hosts.pending <= 100);
  }
});

t.test('an hour far in the future, of a wrong clock, does not keep a host unknown', async (t) => {
  for (const future of [300, 60_000]) {
    const { hosts } = make();
    hosts.see('h', now - 48, now);
    hosts.see('h', now + future, now + future);
    hosts.see('h', now, now);
    t.equal(hosts.lastHour('h'), now);
    t.equal(hosts.state('h', now + holdbackHours + 1), 'known');
    t.equal(hosts.known + hosts.pending, 1);
  }
});

t.test('states, evictions and counts are those of an lru-cache per tier', async (t) => {
  const names = Array.from({ length: 24 }, (_, i) => `h${i}`);
  const step = fc.record({ name: fc.nat(names.length - 1), ago: fc.nat(170), later: fc.nat(9) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 120 }),
      fc.integer({ min: 1, max: 16 }),
      async (steps, max) => {
        const { hosts, counters } = make(max);
        const options = { lookbackHours, holdbackHours, maxHosts: max, counters: new Counters() };
        const cached = new CachedHosts(options);
        let hour = now;
        for (const { name, ago, later } of steps) {
          hour += later === 9 ? 20 : 0;
          if (later === 8) {
            await hosts.sweep(hour);
            cached.sweep(hour);
          }
          const seenIn = ago < 60 ? hour : hour - ago;
          hosts.see(names[name]!, seenIn, hour);
          cached.see(names[name]!, seenIn, hour);
          const expected = [cached.known, cached.pending, cached.evictions];
          t.strictSame([hosts.known, hosts.pending, counters.host_evictions], expected);
        }
        for (const name of names) t.equal(hosts.state(name, hour), cached.state(name, hour));
      },
    ),
    { numRuns: 150 },
  );
});
