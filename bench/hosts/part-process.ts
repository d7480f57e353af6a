/** A part of `npm run bench:hosts` in a process of its own: `fill` or `loop`, PATH, HOSTS, SEED, HOUR. */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BucketBaseline } from '../../src/baseline/baseline.js';
import { loadConfig } from '../../src/config/load.js';
import { Counters } from '../../src/observe/counters.js';
import { makeBaselines } from '../../src/pipeline/open-detection.js';
import { randomFrom } from '../workload.js';

const [part, path, hostCount, seed, hourNow] = process.argv.slice(2);
const hosts = Number(hostCount);
const hour = Number(hourNow);
const random = randomFrom(Number(seed));
const historyHours = 168;
/** Hosts that every hour sees, of those that any does. */
const busy = Math.min(1000, Math.floor(hosts / 10));
/** Of the others, how many hours more than one each is seen in, on average. */
const repeats = 0.53;
const checkpointEveryMs = 1000;
const knownPerSecond = 5000;
const newPerSecond = 50_000;
/** Learned between two turns of the loop at most, as a batch of events is. */
const perTurn = 100;
const prefixes = 'news shop cdn static api img mail video'.split(' ');
const suffixes = 'com net org io co.uk de example fr com.br jp'.split(' ');

if (part === 'fill') await fill();
else await loop();

function make(): BucketBaseline {
  const config = loadConfig({ text: `baseline: { path: ${JSON.stringify(path)} }`, env: {} });
  return makeBaselines(config, new Counters()).download!;
}

/** A name of its own for each number, as proxies see them. */
function nameOf(prefix: string, i: number): string {
  return `${prefixes[i % 8]}.${prefix}${i}.${suffixes[i % 10]}`;
}

function size(): number {
  const gauss = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.round(300_000 * Math.exp(gauss));
}

async function fill(): Promise<void> {
  const filled = make();
  await filled.open(hour);
  const byHour: number[][] = Array.from({ length: historyHours }, () =>
    Array.from({ length: busy }, (_, i) => i),
  );
  for (let i = busy; i < hosts; i++) {
    do byHour[Math.floor(random() * historyHours)]!.push(i);
    while (random() < repeats / (1 + repeats));
  }
  let entries = 0;
  for (const [at, seen] of byHour.entries()) {
    for (const i of seen) filled.learn(hour - historyHours + at, size(), nameOf('harbor', i));
    entries += seen.length;
  }
  await filled.upkeep(hour);
  await filled.checkpoint();
  console.log(`state: ${historyHours} hours, ${entries} entries of hosts`);
}

async function loop(): Promise<void> {
  const baseline = make();
  await baseline.open(hour);
  perObservation(baseline);
  await baseline.checkpoint();
  const gc = watchGc();
  const known = { perSecond: knownPerSecond, next: () => nameOf('harbor', zipf()) };
  let flooded = 0;
  const flood = { perSecond: newPerSecond, next: () => nameOf('flood', flooded++) };
  const quiet = async () => undefined;
  await measure('known hosts', baseline, hour, [known], quiet);
  await measure('the hour rolls', baseline, hour + 1, [known], () => baseline.upkeep(hour + 1));
  await measure('flood of new hosts', baseline, hour + 1, [known, flood], quiet);
  await measure('flood, hour rolls', baseline, hour + 2, [known, flood], () =>
    baseline.upkeep(hour + 2),
  );
  await measure('a day later', baseline, hour + 26, [known], () => baseline.upkeep(hour + 26));
  await measure('an hour forgotten', baseline, hour + 26, [known], () => baseline.forget(hour + 1));
  console.log(`pauses of the garbage collector: ${gc()}`);
  const { knownHosts, pendingHosts, hostEvictions } = baseline.stats(hour + 26);
  console.log(`held: ${knownHosts} known, ${pendingHosts} pending; ${hostEvictions} evicted`);
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
  console.log(`memory: ${mib(rss)}, heap ${mib(heapUsed)}, buffers ${mib(arrayBuffers)}`);
}

/** Rank by Zipf's law over all hosts: a few make most of the traffic. */
function zipf(): number {
  return Math.floor(Math.exp(random() * Math.log(hosts))) % hosts;
}

interface Traffic {
  readonly perSecond: number;
  next(): string;
}

/** Six seconds of traffic with a checkpoint each second; `task` begins in the middle of the first. */
async function measure(
  name: string,
  baseline: BucketBaseline,
  at: number,
  traffic: readonly Traffic[],
  task: () => Promise<unknown>,
): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const seconds = 6;
  const begin = performance.now();
  const done = traffic.map(() => 0);
  let work: Promise<unknown> = Promise.resolve();
  let checkpoints = 0;
  let started = false;
  for (let now = begin; now < begin + seconds * 1000; now = performance.now()) {
    if (now - begin > checkpoints * checkpointEveryMs) {
      checkpoints++;
      work = Promise.all([work, baseline.checkpoint()]);
    }
    if (!started && now - begin > checkpointEveryMs / 2) {
      started = true;
      work = Promise.all([work, task()]);
    }
    for (const [i, { perSecond, next }] of traffic.entries()) {
      const due = Math.floor(((now - begin) / 1000) * perSecond);
      const end = Math.min(due, done[i]! + perTurn);
      for (; done[i]! < end; done[i]!++) observe(baseline, next(), at);
    }
    await nextTurn();
  }
  await work;
  delay.disable();
  const ms = (nanos: number): string => (nanos / 1e6).toFixed(1);
  const [p50, p99, p999] = [50, 99, 99.9].map((p) => ms(delay.percentile(p)));
  const rates = done.map((count) => `${Math.round(count / seconds)}/s`).join(' + ');
  console.log(
    `${name} (${rates}): event-loop delay p50 ${p50}, p99 ${p99}, p99.9 ${p999}, max ${ms(delay.max)} ms`,
  );
}

function observe(baseline: BucketBaseline, host: string, at: number): void {
  if (baseline.hostState(host, at) !== 'known') baseline.firstSeenMs(host);
  baseline.learn(at, 300_000, host);
}

/** ns of CPU per observation, the least of several rounds. */
function perObservation(baseline: BucketBaseline): void {
  const perRound = 200_000;
  const uniform = (): number => Math.floor(random() * hosts);
  for (const [what, pick] of [
    ['by Zipf’s law', zipf],
    ['each as often', uniform],
  ] as const) {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 7; round++) {
      // Made before the clock runs; each is a string of its own, as if just cut out of an event.
      const bytes = Array.from({ length: perRound }, () => Buffer.from(nameOf('harbor', pick())));
      const names = bytes.map((name) => name.toString('latin1'));
      const before = process.cpuUsage();
      for (let i = 0; i < perRound; i++) observe(baseline, names[i]!, hour);
      const { user, system } = process.cpuUsage(before);
      best = Math.min(best, ((user + system) * 1000) / perRound);
    }
    console.log(`observation of a known host, ${what}: ${best.toFixed(0)} ns`);
  }
}

/** Counts and times pauses from now on. */
function watchGc(): () => string {
  const kinds = new Map([
    [1, 'scavenge'],
    [2, 'minor mark-compact'],
    [4, 'mark-compact'],
    [8, 'incremental marking'],
    [16, 'weak callbacks'],
  ]);
  const pauses = new Map<string, number[]>();
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const kind = kinds.get((entry as unknown as GcEntry).detail.kind) ?? 'other';
      pauses.set(kind, [...(pauses.get(kind) ?? []), entry.duration]);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    observer.disconnect();
    const lines = [...pauses].map(
      ([kind, ms]) => `${kind} ${ms.length}, longest ${Math.max(...ms).toFixed(1)} ms`,
    );
    return lines.join('; ');
  };
}

/** What Node adds to an entry of type `gc`. */
interface GcEntry {
  readonly detail: { readonly kind: number };
}
