/**
 * `npm run outage -- --minutes 10`: two outputs of the real process; one is away for so long, then the other. Shows
 * for each phase how long events took to each output that was there, and that in the end both have every event.
 * Exits 1 if one is missing. Loopback only, bounded by `--minutes` and `--rate`.
 *
 *     both 10 s | Fluentd away | both, until it has caught up | the receiver of syslog away | both, until it has
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NumberingReceiver } from './numbering-receiver.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '500' },
  },
});
const awayMs = Number(values.minutes) * 60_000;
const rate = Number(values.rate);
const everyMs = 10;
const catchUpMs = 120_000;

/** Lines over TCP, each with its number; which have come, and how long the newest took. */
class SyslogReceiver {
  distinct = 0;
  readonly #seen = new Set<number>();
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  listen(port = 0): Promise<number> {
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    return new Promise((resolve) => {
      server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => {
      this.#server?.close(() => resolve());
    });
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    createInterface({ input: socket }).on('line', (line) => {
      const number = Number(/externalId=(\d+)/.exec(line)?.[1]);
      this.#seen.add(number);
      this.distinct = this.#seen.size;
    });
  }
}

const folder = mkdtempSync(join(tmpdir(), 'stegwatch-outage-'));
const fluentd = new NumberingReceiver();
const siem = new SyslogReceiver();
const ports = { fluentd: await fluentd.listen(), siem: await siem.listen() };
const config = join(folder, 'outage.yaml');
writeFileSync(
  config,
  [
    'listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }',
    `baseline: { path: ${JSON.stringify(join(folder, 'baseline'))} }`,
    `spool: { path: ${JSON.stringify(join(folder, 'spool'))} }`,
    'admin: { port: 0 }',
    'forward:',
    `  fluentd: { servers: [ { host: 127.0.0.1, port: ${ports.fluentd} } ] }`,
    `  syslog: { server: { host: 127.0.0.1, port: ${ports.siem} } }`,
  ].join('\n'),
);
const child = spawn(process.execPath, [join('dist', 'cli.js'), 'run', '-c', config], {
  stdio: ['ignore', 'inherit', 'pipe'],
});
process.on('exit', () => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
const sender = connect(await inputPort(), '127.0.0.1');

/** When each event was sent, by its number less one. */
const sentMs: number[] = [];
const sending = setInterval(() => {
  const due = Math.floor((rate * everyMs) / 1000);
  for (let i = 0; i < due; i++) {
    sentMs.push(performance.now());
    sender.write(
      `<134>Nov 24 12:00:00 proxy01 CEF:0|Zscaler|NSSWeblog|5.7|200|page|3|externalId=${sentMs.length} ` +
        'src=10.0.0.1 dhost=pages.example requestMethod=GET request=http://pages.example/index.html in=1234\n',
    );
  }
}, everyMs);

await phase('both are there', 10_000, true, true);
await fluentd.close();
await phase('Fluentd is away', awayMs, false, true);
await fluentd.listen(ports.fluentd);
await caughtUp('Fluentd', () => fluentd.distinct);
await phase('both are there', 10_000, true, true);
await siem.close();
await phase('the receiver of syslog is away', awayMs, true, false);
await siem.listen(ports.siem);
await caughtUp('the receiver of syslog', () => siem.distinct);
clearInterval(sending);
await sleep(3000);
const all = sentMs.length;
const fine = fluentd.distinct === all && siem.distinct === all;
console.log(
  `of ${all} events Fluentd has ${fluentd.distinct}, the receiver of syslog ${siem.distinct}: ${fine ? 'fine' : 'NOT fine'}`,
);
process.exit(fine ? 0 : 1);

async function phase(name: string, ms: number, toFluentd: boolean, toSiem: boolean): Promise<void> {
  const delays = { fluentd: [] as number[], siem: [] as number[] };
  const endMs = performance.now() + ms;
  while (performance.now() < endMs) {
    await sleep(everyMs);
    if (toFluentd) delays.fluentd.push(delayOf(fluentd.distinct));
    if (toSiem) delays.siem.push(delayOf(siem.distinct));
  }
  const words = (to: string, list: readonly number[]) =>
    list.length === 0
      ? `${to} away`
      : `${to} ${percentile(list, 50)} / ${percentile(list, 99)} / ${Math.round(Math.max(...list))} ms`;
  console.log(
    `${name} (${Math.round(ms / 1000)} s): oldest event under way, p50 / p99 / max: ` +
      `${words('Fluentd', delays.fluentd)}, ${words('syslog', delays.siem)}`,
  );
}

/** How long the oldest event that has not come has been under way, ms. */
function delayOf(arrived: number): number {
  return arrived >= sentMs.length ? 0 : performance.now() - sentMs[arrived]!;
}

async function caughtUp(name: string, arrived: () => number): Promise<void> {
  const began = performance.now();
  const behind = sentMs.length - arrived();
  while (delayOf(arrived()) > 1000 && performance.now() - began < catchUpMs) await sleep(everyMs);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${name} is back, ${behind} events behind: caught up after ${seconds} s`);
}

function percentile(list: readonly number[], percent: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return Math.round(sorted[Math.ceil((percent / 100) * sorted.length) - 1]!);
}

async function inputPort(): Promise<number> {
  for await (const line of createInterface({ input: child.stderr! })) {
    const found = /"tcp [^"]*:(\d+)"/.exec(line);
    if (line.includes('"started"') && found !== null) {
      child.stderr!.resume();
      return Number(found[1]);
    }
  }
  throw new Error('the process ended without having started');
}
