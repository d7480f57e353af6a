/** The programs that are measured, each as a process between sender and sink. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SinkSettings } from '../sink.js';
import type { Bench } from './bench.js';
import { benchFolder, type Child, repository } from './children.js';
import type { Variant } from './variants.js';

export interface Subject {
  readonly name: string;
  readonly sinkMode: SinkSettings['mode'];
  readonly protocol: Variant['protocol'];
  readonly connections: number;
  /** Of the counted events, per second; null: as fast as they are taken. */
  readonly rate: number | null;
  /** Can be asked by `probe.ts`. */
  readonly probed: boolean;
  readonly events: number;
  readonly warmUp: number;
  /** @param folder its own, removed afterwards. @param sinkPort where it must deliver, TCP */
  start(
    folder: string,
    sinkPort: number,
  ): Promise<{ readonly child: Child; readonly port: number }>;
}

const startWithinMs = 30_000;
/** A run at a rate takes no longer than this. */
const pacedSeconds = 10;
const probe = ['--import', join(benchFolder, 'probe.js')];

export function stegwatch(
  bench: Bench,
  variant: Variant,
  events = countOf(bench, variant),
): Subject {
  return {
    ...variant,
    sinkMode: 'forward',
    probed: true,
    events,
    warmUp: bench.options.warmUp,
    async start(folder, sinkPort) {
      await bench.baseline(variant.hosts, join(folder, 'baseline'));
      const file = join(folder, 'stegwatch.yaml');
      // JSON is YAML too.
      writeFileSync(file, JSON.stringify(configOf(bench, variant, folder, sinkPort)));
      const args = [...probe, join(repository, 'dist', 'cli.js'), 'run', '-c', file];
      const child = bench.children.start('stegwatch', process.execPath, {
        args,
        cwd: folder,
        messages: true,
      });
      const port = new RegExp(`"inputs":\\["${variant.protocol} [^"]*:(\\d+)"`);
      return { child, port: Number((await child.says(port, startWithinMs))[1]) };
    },
  };
}

/** As the variant is sent to, save that it knows nothing but TCP, so datagrams have no rate here. */
export function bareLoop(bench: Bench, variant: Variant): Subject {
  const rate = variant.protocol === 'udp' ? null : variant.rate;
  return {
    name: 'bare loop',
    sinkMode: 'entries',
    protocol: 'tcp',
    connections: variant.connections,
    rate,
    probed: true,
    events: countOf(bench, { rate }),
    warmUp: bench.options.warmUp,
    async start(folder, sinkPort) {
      const args = [...probe, join(benchFolder, 'bare-loop.js'), String(sinkPort)];
      const child = bench.children.start('the bare loop', process.execPath, {
        args,
        cwd: folder,
        messages: true,
      });
      return { child, port: Number((await child.says(/^(\d+)$/m, startWithinMs))[1]) };
    },
  };
}

function countOf(bench: Bench, { rate }: { readonly rate: number | null }): number {
  const { events } = bench.options;
  return rate === null ? events : Math.min(events, rate * pacedSeconds);
}

function configOf(bench: Bench, variant: Variant, folder: string, sinkPort: number): object {
  const { protocol, spool, acks, exclusions } = variant;
  const certificate = protocol === 'tls' ? bench.certificate() : {};
  const listener = { address: '127.0.0.1', port: 0, ...certificate };
  const buffer = protocol === 'udp' ? { receive_buffer: '4MiB' } : {};
  return {
    listen: { udp: false, tcp: false, [protocol]: { ...listener, ...buffer } },
    baseline: { path: join(folder, 'baseline') },
    spool: { path: spool === 'disk' ? join(folder, 'spool') : false },
    forward: { fluentd: { ack: acks, servers: [{ host: '127.0.0.1', port: sinkPort }] } },
    admin: { port: 0 },
    exclusions: Array.from({ length: exclusions }, (_, i) => exclusionOf(i)),
  };
}

/** Simple ones, of three kinds in turn, that no event of the workload matches. */
function exclusionOf(i: number): object {
  const match = [
    { 'requestClientApplication|contains': `Backup-Agent-${i}` },
    { 'dhost|domain': `backup${i}.internal.example` },
    { 'src|cidr': `192.168.${i % 256}.0/24` },
  ][i % 3];
  return { name: `bench-${i}`, reason: 'costs what an exclusion costs', match };
}
