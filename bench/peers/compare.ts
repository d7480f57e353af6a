/** The same workload through other programs, in turn with ours and the bare loop. */
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../measure/bench.js';
import type { Child } from '../measure/children.js';
import type { Figures } from '../measure/measure.js';
import { tell } from '../measure/rounds.js';
import { bareLoop, type Subject, stegwatch } from '../measure/subjects.js';
import { plain, variants } from '../measure/variants.js';
import type { PeerMode } from './peer.js';

/** Of each run, in the same order. */
export interface PeerResult {
  readonly mode: PeerMode;
  readonly peer: readonly Figures[];
}

export interface PeerComparison {
  /** As it runs unless told otherwise: spool on disk, acks. */
  readonly ours: readonly Figures[];
  /** As the peers run here: nothing on disk, no acks. */
  readonly oursInMemory: readonly Figures[];
  readonly bare: readonly Figures[];
  readonly peers: readonly PeerResult[];
}

const startWithinMs = 60_000;

export async function comparePeers(bench: Bench): Promise<PeerComparison> {
  const { runs, peers } = bench.options;
  const inMemory = variants.find(({ name }) => name === 'tcp-memory-noack')!;
  const ours: Figures[] = [];
  const oursInMemory: Figures[] = [];
  const bare: Figures[] = [];
  const results = peers.map((mode) => ({ mode, peer: [] as Figures[] }));
  for (let run = 1; run <= runs; run++) {
    bare.push(await tell(bench, run, bareLoop(bench, plain)));
    ours.push(await tell(bench, run, stegwatch(bench, plain)));
    oursInMemory.push(await tell(bench, run, stegwatch(bench, inMemory)));
    for (const { mode, peer } of results) peer.push(await tell(bench, run, subjectOf(bench, mode)));
  }
  return { ours, oursInMemory, bare, peers: results };
}

/** @throws PeerMissing of the first that is not there, before anything is measured */
export function requirePeers(bench: Bench): void {
  const { peers, peerRoots } = bench.options;
  for (const mode of peers) {
    mode.command(peerRoots[mode.peer] ?? null, '', { listen: 0, sink: 0 });
  }
}

function subjectOf(bench: Bench, mode: PeerMode): Subject {
  const { events, warmUp, peerRoots } = bench.options;
  return {
    name: `${mode.peer}/${mode.mode}`,
    sinkMode: mode.sinkMode,
    protocol: 'tcp',
    connections: 1,
    rate: null,
    probed: false,
    events: Math.ceil(events * mode.eventsShare),
    warmUp: Math.ceil(warmUp * mode.eventsShare),
    async start(folder, sinkPort) {
      const port = await freePort();
      const ports = { listen: port, sink: sinkPort };
      const command = mode.command(peerRoots[mode.peer] ?? null, folder, ports);
      for (const [name, text] of Object.entries(command.files)) {
        writeFileSync(join(folder, name), text);
      }
      const { program, args, env = {} } = command;
      const child = bench.children.start(program, program, { args, env, cwd: folder });
      await listening(port, child);
      return { child, port };
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number, child: Child): Promise<void> {
  const until = performance.now() + startWithinMs;
  while (performance.now() < until) {
    const heard = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (heard) return;
    await sleep(100);
  }
  throw new Error(`does not listen on ${port}; it had said:\n${child.output}`);
}
