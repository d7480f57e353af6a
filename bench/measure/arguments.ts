/** The command line of `npm run bench`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type PeerMode, parsePeers, peerNames } from '../peers/peers.js';
import { defaultVariants, type Variant, variants } from './variants.js';

/** Said on stderr with EX_USAGE. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface BenchOptions {
  /** Counted events of a run. */
  readonly events: number;
  readonly warmUp: number;
  readonly runs: number;
  readonly seed: number;
  readonly variants: readonly Variant[];
  readonly peers: readonly PeerMode[];
  /** Where a peer is unpacked beside the system, by its name; one that is not named is an installed one. */
  readonly peerRoots: Readonly<Record<string, string>>;
  readonly flat: boolean;
  /** Null: no soak. */
  readonly udpSoak: { readonly rate: number; readonly seconds: number } | null;
  readonly markdown: boolean;
  /** A document whose generated part is written anew; null: none. */
  readonly write: string | null;
  /** As it was typed, for the report. */
  readonly command: string;
}

export const usage = `npm run bench -- [options]

  --variants A,B     what is measured (${defaultVariants.join(',')}); known:
                     ${variants.map(({ name }) => name).join(' ')}
  --all              all variants, --flat and --udp-soak
  --flat             does the cost per event grow with events, connections, hosts, exclusions?
  --udp-soak         datagrams at --udp-rate (50000) a second for --udp-seconds (60), reconciled
  --peer A,B         the same workload through installed ${peerNames.join(', ')};
                     A/MODE for one mode of a peer
  --peer-root A=DIR  where peer A is unpacked, as by dpkg -x, beside the system; more by commas
                     (or BENCH_PEER_ROOT)
  --events N         counted events of a run (1000000)
  --warm-up N        events before them (300000)
  --runs N           runs, each in turn with the bare loop (3)
  --seed N           of the workload (20261124)
  --markdown         the report as Markdown
  --write FILE       also write it between FILE's <!-- bench:begin --> and <!-- bench:end -->
  --help
`;

export function parseArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): BenchOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const all = values.all === true;
  const flat = all || values.flat === true;
  const soak = all || values['udp-soak'] === true;
  const peers = peersOf(values.peer);
  return {
    events: positive('events', values.events),
    warmUp: positive('warm-up', values['warm-up']),
    runs: positive('runs', values.runs),
    seed: whole('seed', values.seed),
    variants: variantsOf(values.variants, all, flat || soak || peers.length > 0),
    peers,
    peerRoots: rootsOf(values['peer-root'] ?? env.BENCH_PEER_ROOT ?? ''),
    flat,
    udpSoak: soak
      ? {
          rate: positive('udp-rate', values['udp-rate']),
          seconds: positive('udp-seconds', values['udp-seconds']),
        }
      : null,
    markdown: values.markdown === true,
    write: values.write ?? null,
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        variants: { type: 'string' },
        all: { type: 'boolean' },
        flat: { type: 'boolean' },
        'udp-soak': { type: 'boolean' },
        'udp-rate': { type: 'string', default: '50000' },
        'udp-seconds': { type: 'string', default: '60' },
        peer: { type: 'string' },
        'peer-root': { type: 'string' },
        events: { type: 'string', default: '1000000' },
        'warm-up': { type: 'string', default: '300000' },
        runs: { type: 'string', default: '3' },
        seed: { type: 'string', default: '20261124' },
        markdown: { type: 'boolean' },
        write: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new UsageError(`--${name}: ${text} is no whole number`);
  }
  return value;
}

function positive(name: string, text: string): number {
  const value = whole(name, text);
  if (value === 0) throw new UsageError(`--${name}: must be above 0`);
  return value;
}

/** Asked for by name; all; or the default, unless only something else was asked for. */
function variantsOf(
  named: string | undefined,
  all: boolean,
  somethingElse: boolean,
): readonly Variant[] {
  if (named === undefined && all) return variants;
  if (named === undefined && somethingElse) return [];
  const names = named?.split(',') ?? defaultVariants;
  return names.map((name) => {
    const found = variants.find((variant) => variant.name === name);
    if (found) return found;
    const known = variants.map((variant) => variant.name).join(', ');
    throw new UsageError(`--variants: there is no ${name}; known are ${known}`);
  });
}

function peersOf(named: string | undefined): readonly PeerMode[] {
  if (named === undefined) return [];
  try {
    return parsePeers(named);
  } catch (error) {
    throw new UsageError(`--peer: ${(error as Error).message}`);
  }
}

function rootsOf(text: string): Readonly<Record<string, string>> {
  const parts = text.split(',').filter((part) => part !== '');
  return Object.fromEntries(
    parts.map((part) => {
      const at = part.indexOf('=');
      const name = part.slice(0, Math.max(0, at));
      if (peerNames.includes(name) && at + 1 < part.length)
        return [name, resolve(part.slice(at + 1))];
      throw new UsageError(
        `--peer-root: ${part} is not PEER=DIR; peers are ${peerNames.join(', ')}`,
      );
    }),
  );
}
