/**
 * `npm run backlog -- --gib 2`: Fluentd is away until so much waits in the spool, then comes back. Shows the
 * resident memory of the real process throughout, and that everything arrives, in order per tag. Exits 1 if
 * anything is missing, out of order or twice, or if memory exceeds `--max-rss` (MiB). Loopback only, bounded
 * by `--gib` and `--minutes`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NumberingReceiver } from './numbering-receiver.js';

const { values } = parseArgs({
  options: {
    gib: { type: 'string', default: '2' },
    minutes: { type: 'string', default: '10' },
    'max-rss': { type: 'string', default: '250' },
  },
});
const wantedBytes = Number(values.gib) * 1024 ** 3;
const maxRssMiB = Number(values['max-rss']);
const until = performance.now() + Number(values.minutes) * 60_000;
const alertEvery = 5_000;
const perPiece = 500;

const folder = mkdtempSync(join(tmpdir(), 'stegwatch-backlog-'));
const receiver = new NumberingReceiver();
// The port is known before anybody listens there.
const port = await receiver.listen();
await receiver.close();
writeFileSync(
  join(folder, 'backlog.yaml'),
  [
    'listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }',
    'detection: { preset: sentinel }',
    `baseline: { path: ${JSON.stringify(join(folder, 'baseline'))} }`,
    `spool: { path: ${JSON.stringify(join(folder, 'spool'))} }`,
    `forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${port} } ] } }`,
    'admin: { port: 0 }',
  ].join('\n'),
);
const child = spawn(
  process.execPath,
  [join('dist', 'cli.js'), 'run', '-c', join(folder, 'backlog.yaml')],
  { stdio: ['ignore', 'inherit', 'pipe'] },
);
process.on('exit', () => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
const inputPort = await portOf(createInterface({ input: child.stderr! }));

let maxMiB = 0;
const sampling = setInterval(() => {
  maxMiB = Math.max(maxMiB, rssMiB(child.pid!));
}, 50);

const sent = await fill();
console.log(
  `${sent} events, ${(spooledBytes() / 1024 ** 3).toFixed(2)} GiB spooled; peak ${maxMiB.toFixed(0)} MiB so far`,
);
const filledMiB = maxMiB;
const began = performance.now();
await receiver.listen(port);
while (receiver.distinct < sent && performance.now() < until) await sleep(100);
const seconds = (performance.now() - began) / 1000;
clearInterval(sampling);
const fine =
  receiver.distinct === sent &&
  receiver.outOfOrder === 0 &&
  receiver.twice === 0 &&
  maxMiB <= maxRssMiB;
console.log(
  `${receiver.distinct} of ${sent} arrived in ${seconds.toFixed(0)} s, ${receiver.twice} twice, ` +
    `${receiver.outOfOrder} out of order; peak ${filledMiB.toFixed(0)} MiB while it filled, ` +
    `${maxMiB.toFixed(0)} MiB in all: ${fine ? 'fine' : 'NOT fine'}`,
);
child.kill('SIGTERM');
await once(child, 'exit');
await receiver.close();
process.exit(fine ? 0 : 1);

/** Sends until the spool holds as much as wanted; returns how many events. */
async function fill(): Promise<number> {
  const socket = connect(inputPort, '127.0.0.1');
  await once(socket, 'connect');
  let number = 0;
  while (spooledBytes() < wantedBytes && performance.now() < until) {
    for (let piece = 0; piece < 20; piece++) {
      const lines: string[] = [];
      for (let i = 0; i < perPiece; i++) lines.push(lineOf(++number));
      if (!socket.write(lines.join(''))) await once(socket, 'drain');
    }
  }
  socket.end();
  socket.resume();
  await once(socket, 'close');
  await sleep(1000);
  return number;
}

/** By the sizes of its segments. */
function spooledBytes(): number {
  const spool = join(folder, 'spool', 'fluentd');
  let bytes = 0;
  for (const name of readdirSync(spool)) {
    if (name.endsWith('.segment')) bytes += statSync(join(spool, name)).size;
  }
  return bytes;
}

function lineOf(number: number): string {
  const isJpeg = number % 20 === 0;
  const isAlert = number % alertEvery === 0;
  const host = isAlert ? `new${number}.example` : `host${number % 997}.example`;
  return (
    `<134>Nov 24 12:00:00 proxy01 CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Allowed|3|` +
    `externalId=${number} act=Allowed requestMethod=GET src=10.1.2.3 suser=dana@corp.example ` +
    `dhost=${host} in=${number % 100_000} out=612 request=https://${host}/${number}` +
    `${isJpeg ? '.jpg fileType=Jpeg Files' : '.html fileType=HTML Files'} ` +
    `requestClientApplication=${'Mozilla/5.0 (X11; Linux x86_64) '.repeat(10)}\n`
  );
}

function rssMiB(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

async function portOf(lines: AsyncIterable<string>): Promise<number> {
  for await (const line of lines) {
    const found = /"tcp [^"]*:(\d+)"/.exec(line)?.[1];
    if (found === undefined) continue;
    return Number(found);
  }
  throw new Error('stegwatch did not start');
}
