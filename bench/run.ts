/**
 * `npm run bench`: CPU per event of the real process (parse, judge against a filled baseline, encode,
 * spool on disk and in memory, Forward with acks) beside the bare loop of the same parse, in turn, in one
 * run. The ratios are the result; absolute figures are for orientation. Real processes on loopback; sender and sink
 * are processes of their own and are not counted. Bounded: --events (1,000,000) times --runs (3).
 *
 * Budget (design): the bare loop is the floor for this language; the real process should stay within
 * 1.4 times of it once tuned.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fillBaseline } from './filled-baseline.js';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    seed: { type: 'string', default: '20261124' },
  },
});
const events = Number(values.events);
const runs = Number(values.runs);
const warmUpEvents = Math.min(100_000, events);
const distinctLines = 50_000;
const deadlineMs = 120_000;

interface Figures {
  readonly cpuMicros: number;
  readonly perSecond: number;
  readonly peakMiB: number;
}

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

const folder = mkdtempSync(join(tmpdir(), 'stegwatch-bench-'));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

async function main(): Promise<void> {
  console.log(
    `node ${process.version}, ${cpus()[0]?.model.trim()} x ${cpus().length}, commit ${commit()}, ` +
      `seed ${values.seed}, ${events} events after ${warmUpEvents} of warm-up, ${runs} runs in turn`,
  );
  const ours: Figures[] = [];
  const inMemory: Figures[] = [];
  const bare: Figures[] = [];
  for (let run = 0; run < runs; run++) {
    ours.push(show('stegwatch', await measureStegwatch(join(folder, 'spool'))));
    inMemory.push(show('in memory', await measureStegwatch(false)));
    bare.push(show('bare loop', await measureBareLoop()));
  }
  console.log(
    `CPU per event, median: stegwatch ${micros(ours)} us, with the spool in memory ` +
      `${micros(inMemory)} us, bare loop ${micros(bare)} us`,
  );
  console.log(
    `ratio to the bare loop: ${ratios(ours, bare)}; in memory: ${ratios(inMemory, bare)}`,
  );
}

/** The median, and that of each run. */
function ratios(some: readonly Figures[], others: readonly Figures[]): string {
  const all = some.map((figures, i) => figures.cpuMicros / others[i]!.cpuMicros);
  return `${median(all).toFixed(2)} (${all.map((ratio) => ratio.toFixed(2)).join(', ')})`;
}

async function measureStegwatch(spool: string | false): Promise<Figures> {
  const sink = await startSink('forward');
  const config = join(folder, 'bench.yaml');
  const baseline = join(folder, 'baseline');
  rmSync(baseline, { recursive: true, force: true });
  if (spool !== false) rmSync(spool, { recursive: true, force: true });
  await fillBaseline(baseline, Date.now());
  writeFileSync(
    config,
    [
      'listen:',
      '  udp: false',
      '  tcp: { address: 127.0.0.1, port: 0 }',
      `baseline: { path: ${JSON.stringify(baseline)} }`,
      `spool: { path: ${JSON.stringify(spool)} }`,
      `forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${sink.port} } ] } }`,
    ].join('\n'),
  );
  const child = start([join('dist', 'cli.js'), 'run', '-c', config], 'stderr');
  const port = await firstMatch(child.stderr!, /tcp [^"]*:(\d+)"/);
  const figures = await measure(child, port, () => sink.events());
  child.kill('SIGTERM');
  sink.child.kill('SIGKILL');
  return figures;
}

async function measureBareLoop(): Promise<Figures> {
  const sink = await startSink('raw');
  const child = start([join('build', 'bench', 'bare-loop.js'), String(sink.port)], 'stdout');
  const port = await firstMatch(child.stdout!, /^(\d+)$/m);
  const figures = await measure(child, port, null, sink.bytes);
  child.kill('SIGKILL');
  sink.child.kill('SIGKILL');
  return figures;
}

/** Sends the warm-up, then the counted events; the CPU clock is read when each has wholly arrived. */
async function measure(
  child: ChildProcess,
  port: number,
  arrived: (() => number) | null,
  bytes: () => number = () => 0,
): Promise<Figures> {
  await send(port, warmUpEvents);
  await settled(arrived, warmUpEvents, bytes);
  const cpuBefore = cpuSeconds(child.pid!);
  const before = performance.now();
  await send(port, events);
  await settled(arrived, warmUpEvents + events, bytes);
  const seconds = (performance.now() - before) / 1000;
  return {
    cpuMicros: ((cpuSeconds(child.pid!) - cpuBefore) * 1e6) / events,
    perSecond: events / seconds,
    peakMiB: peakMiB(child.pid!),
  };
}

async function settled(
  arrived: (() => number) | null,
  expected: number,
  bytes: () => number,
): Promise<void> {
  const until = performance.now() + deadlineMs;
  let last = -1;
  let quiet = 0;
  while (performance.now() < until) {
    await sleep(50);
    if (arrived) {
      if (arrived() >= expected) return;
    } else {
      quiet = bytes() === last ? quiet + 1 : 0;
      last = bytes();
      if (quiet >= 8) return;
    }
  }
  throw new Error(`not all had arrived after ${deadlineMs} ms: ${arrived?.()} of ${expected}`);
}

async function startSink(mode: 'forward' | 'raw') {
  const child = start([join('build', 'bench', 'sink.js'), mode], 'stdout');
  let counts = [0, 0];
  let listening: (port: number) => void;
  const port = new Promise<number>((resolve) => {
    listening = resolve;
  });
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const numbers = line.split(' ').map(Number);
    if (numbers.length === 1) listening(numbers[0]!);
    else counts = numbers;
  });
  return { child, port: await port, events: () => counts[0]!, bytes: () => counts[1]! };
}

function start(args: readonly string[], pipe: 'stdout' | 'stderr'): ChildProcess {
  const child = spawn(process.execPath, args, {
    stdio: [
      'ignore',
      pipe === 'stdout' ? 'pipe' : 'ignore',
      pipe === 'stderr' ? 'pipe' : 'inherit',
    ],
  });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

async function send(port: number, count: number): Promise<void> {
  const args = ['sender.js', port, count, values.seed, distinctLines].map(String);
  const child = start([join('build', 'bench', args[0]!), ...args.slice(1)], 'stdout');
  child.stdout!.resume();
  const code = await new Promise((resolve) => child.on('exit', resolve));
  if (code !== 0) throw new Error(`the sender ended with ${code}`);
}

function firstMatch(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (chunk) => {
      if (text === 'found') return;
      text += chunk;
      const found = pattern.exec(text);
      if (!found) return;
      text = 'found';
      resolve(Number(found[1]));
    });
    stream.on('end', () => reject(new Error(`ended without saying its port:\n${text}`)));
  });
}

/** user + system of all threads, from /proc (ticks of 10 ms). */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const after = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(after[11]) + Number(after[12])) / 100;
}

function peakMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

function show(name: string, figures: Figures): Figures {
  console.log(
    `${name}: ${figures.cpuMicros.toFixed(2)} us CPU/event, ` +
      `${Math.round(figures.perSecond)} events/s, peak ${figures.peakMiB.toFixed(0)} MiB`,
  );
  return figures;
}

function micros(figures: readonly Figures[]): string {
  return median(figures.map((f) => f.cpuMicros)).toFixed(2);
}

function median(of: readonly number[]): number {
  const sorted = [...of].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
