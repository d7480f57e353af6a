/** What is measured: each variant is one way to run the product, and to send to it. */

export interface Variant {
  readonly name: string;
  readonly protocol: 'tcp' | 'tls' | 'relp' | 'udp';
  readonly connections: number;
  readonly spool: 'disk' | 'memory';
  readonly acks: boolean;
  /** Events per second; null: as fast as they are taken. */
  readonly rate: number | null;
  /** Hosts in the baseline. */
  readonly hosts: number;
  /** Exclusions that match nothing. */
  readonly exclusions: number;
  /** Most that the ratio to the bare loop should be; null: none is set. */
  readonly budget: number | null;
}

/** One TCP connection, spool on disk, acks: what the product does unless told otherwise. */
export const plain: Variant = {
  name: 'tcp',
  protocol: 'tcp',
  connections: 1,
  spool: 'disk',
  acks: true,
  rate: null,
  hosts: 10_000,
  exclusions: 0,
  budget: 1.4,
};

const pacedRate = 20_000;
export const udpRate = 50_000;

function differing(name: string, differences: Partial<Variant>): Variant {
  return { ...plain, budget: null, ...differences, name };
}

export const variants: readonly Variant[] = [
  plain,
  differing('tcp-memory', { spool: 'memory' }),
  differing('tcp-noack', { acks: false }),
  differing('tcp-memory-noack', { spool: 'memory', acks: false, budget: 1.15 }),
  differing('tcp-50', { connections: 50 }),
  differing('tls', { protocol: 'tls' }),
  differing('tls-50', { protocol: 'tls', connections: 50 }),
  differing('relp', { protocol: 'relp' }),
  differing('relp-50', { protocol: 'relp', connections: 50 }),
  differing('udp', { protocol: 'udp', rate: udpRate }),
  differing('paced', { rate: pacedRate }),
];

/** Without any option. */
export const defaultVariants: readonly string[] = ['tcp', 'tcp-memory-noack', 'paced'];

/** In few words. */
export function describe({ protocol, connections, spool, acks, rate }: Variant): string {
  const parts = [
    protocol.toUpperCase(),
    connections === 1 ? '1 connection' : `${connections} connections`,
    `spool ${spool === 'disk' ? 'on disk' : 'in memory'}`,
    acks ? 'acks' : 'no acks',
  ];
  if (protocol === 'udp') parts.splice(1, 1);
  if (rate !== null) parts.push(`${rate.toLocaleString('en-US')} events/s`);
  return parts.join(', ');
}
