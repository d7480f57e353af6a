/**
 * `npm run bench:hosts`: what a baseline of many hosts (--hosts, 1,000,000) with seven days of hourly buckets
 * costs. Each part is a process of its own, so that none sees the memory of another; all in a temporary
 * directory, from one --seed.
 *
 *     fill      writes that state as the program itself writes it
 *     start     the real `stegwatch run` on it, --runs times: until it listens, and its memory
 *     loop      the baseline alone, with a clock of its own: event-loop delay through the roll of the hour,
 *               checkpoints and a flood of new hosts, and the cost of one observation
 *
 * Budgets (issue 5): listening within 3 s, RSS under 500 MiB, event-loop delay p99.9 < 20 ms and
 * max < 60 ms; an observation of a host that was seen before 1 us. `--help` tells the options.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const help = `npm run bench:hosts -- [options]

What a baseline of many hosts with seven days of hourly buckets costs: time to start, memory,
event-loop delay, cost of an observation (docs/performance.md).

  --hosts N      hosts in the baseline (1000000)
  --runs N       starts of the real program (3)
  --seed N       what the hosts are made from (20261124)
  --help         this text
`;

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    seed: { type: 'string', default: '20261124' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const startDeadlineMs = 60_000;
const partDeadlineMs = 300_000;

const children = new Set<ChildProcess>();
const folder = mkdtempSync(join(tmpdir(), 'stegwatch-hosts-'));
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
const baseline = join(folder, 'baseline');
await main();
process.exit();

async function main(): Promise<void> {
  console.log(
    `node ${process.version}, ${cpus()[0]?.model.trim()} x ${cpus().length}, commit ${commit()}, ` +
      `seed ${values.seed}, ${values.hosts} hosts`,
  );
  // Near the end of an hour it would roll between the parts, and half the state would differ.
  const hour = Math.floor(Date.now() / 3_600_000);
  await part('fill', hour);
  for (let run = 0; run < Number(values.runs); run++) await start();
  await part('loop', hour);
}

/** One of the parts that work on the baseline itself; it prints what it finds. */
async function part(name: 'fill' | 'loop', hour: number): Promise<void> {
  const args = [name, baseline, values.hosts, values.seed, String(hour)];
  const script = join('build', 'bench', 'hosts', 'part-process.js');
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: partDeadlineMs,
    killSignal: 'SIGKILL',
  });
  children.add(child);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  children.delete(child);
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
}

async function start(): Promise<void> {
  const used = join(folder, 'used');
  rmSync(used, { recursive: true, force: true });
  cpSync(baseline, used, { recursive: true });
  const config = join(folder, 'hosts.yaml');
  writeFileSync(
    config,
    [
      'listen:',
      '  udp: false',
      '  tcp: { address: 127.0.0.1, port: 0 }',
      'detection: { time: received }',
      `baseline: { path: ${JSON.stringify(used)} }`,
      'spool: { path: false }',
      // Nobody is there, and nothing is to be sent.
      'forward: { fluentd: { servers: [ { host: 127.0.0.1, port: 9 } ] } }',
      'admin: { port: 0 }',
    ].join('\n'),
  );
  const before = performance.now();
  const child = spawn(process.execPath, [join('dist', 'cli.js'), 'run', '-c', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: startDeadlineMs,
    killSignal: 'SIGKILL',
  });
  children.add(child);
  const { hosts } = await started(child.stderr!);
  const seconds = (performance.now() - before) / 1000;
  const cpu = cpuSeconds(child.pid!);
  const atStart = memory(child.pid!);
  await sleep(3000);
  const later = memory(child.pid!);
  console.log(
    `start: listening after ${seconds.toFixed(2)} s (${cpu.toFixed(2)} s of CPU) with ${hosts} hosts; ` +
      `RSS ${atStart.now} MiB, 3 s later ${later.now} MiB, peak ${later.peak} MiB`,
  );
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  children.delete(child);
}

/** Resolves when it listens, with the hosts that it says it has loaded. */
function started(stream: NodeJS.ReadableStream): Promise<{ readonly hosts: string }> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
      if (text.includes('"started"')) resolve({ hosts: /"hosts":(\d+)/.exec(text)?.[1] ?? '?' });
    });
    stream.on('end', () => reject(new Error(`ended without having started:\n${text}`)));
  });
}

function memory(pid: number): { readonly now: string; readonly peak: string } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const mib = (name: string): string => {
    const kib = Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
    return (kib / 1024).toFixed(0);
  };
  return { now: mib('VmRSS'), peak: mib('VmHWM') };
}

/** user + system of all threads, from /proc (ticks of 10 ms). */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const after = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(after[11]) + Number(after[12])) / 100;
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
