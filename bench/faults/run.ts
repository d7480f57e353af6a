/** A fault run: builds what is needed, goes through the rounds of the plan, and judges at the end. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fluentd } from '../../test/support/fluentd.js';
import { freeTcpPort } from '../../test/support/rsyslog.js';
import { cliPath } from '../../test/support/stegwatch.js';
import { checkBaseline } from './baseline-check.js';
import { atEnd, endAll, Sender } from './children.js';
import { FailingDisk, type Or, Tmpfs } from './disk.js';
import { historyLines, type RunIdentity } from './events.js';
import { Ledger } from './ledger.js';
import { planOf, type Round } from './plan.js';
import { Program } from './program.js';
import { Receivers } from './receivers.js';
import type { FaultReport } from './report.js';
import { type RoundParts, RoundRun } from './round.js';

export interface FaultOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly roundMs: number;
  /** Events per second. */
  readonly rate: number;
  /** Empty; all that is written is below it. */
  readonly folder: string;
  /** Path of Fluentd, or why there is none. */
  readonly fluentd: string | { readonly missing: string };
  /** False: the spool is in memory, which must lose events: a test of the ledger itself. */
  readonly spoolOnDisk: boolean;
  /** After the last event that arrives in a calm, how long the next one is waited for. */
  readonly arriveWithinMs: number;
  readonly say: (line: string) => void;
}

/** More than can be sent, so that nothing is ever out of bounds: ends of rounds take time too. */
const sparePart = 3;
const connections = 3;
const udpPart = 0.02;

export async function runFaults(options: FaultOptions): Promise<FaultReport> {
  try {
    return await run(options);
  } finally {
    endAll();
  }
}

async function run(options: FaultOptions): Promise<FaultReport> {
  const { seed, rounds, roundMs, folder, say } = options;
  const beganMs = performance.now();
  const log = (text: string): void => {
    say(`[${((performance.now() - beganMs) / 1000).toFixed(3).padStart(9)} s] ${text}`);
  };
  const setting = await setUp(options, log);
  const { identity, ledger } = setting;
  learnHistory(identity, folder, setting.yamlOf({ tmpfs: false, sync: 'none', maxSize: '16MiB' }));
  const plan = planOf(seed, rounds, roundMs, {
    spool: options.spoolOnDisk,
    fluentd: setting.receivers.fluentd !== null,
    tmpfs: setting.tmpfs !== null,
    failingDisk: setting.failingDisk !== null,
  });
  const starts: number[] = [];
  for (const round of plan) {
    starts.push(ledger.end);
    try {
      const spool = join(spoolPath(setting.spools, round.tmpfs), 'fluentd');
      await new RoundRun({ ...setting, round, yaml: setting.yamlOf(round), spool }).run();
    } catch (error) {
      ledger.problem(`round ${round.number} was broken off: ${(error as Error).message}`);
      break;
    }
  }
  ledger.settle();
  const baseline = await checkBaseline(identity, ledger, setting.baseline);
  const differences = baseline.differences.map((text) => `baseline: ${text}`);
  const { program } = setting;
  return {
    seed,
    seconds: Math.round((performance.now() - beganMs) / 1000),
    rounds: starts.map((from, i) => ({
      name: nameOf(plan[i]!),
      totals: ledger.totals(from, starts[i + 1] ?? ledger.end),
    })),
    totals: ledger.totals(),
    alerts: ledger.alerts.size,
    repeats: ledger.repeats,
    repeatsInResentChunks: ledger.repeatsInResentChunks,
    repeatsExplained: ledger.mayRepeat,
    pieces: ledger.pieces.size + ledger.namelessPieces,
    connectionEnds: ledger.connectionEnds,
    starts: program.starts,
    kills: program.kills,
    counters: program.counters,
    words: Object.fromEntries(program.words),
    baseline,
    skipped: setting.skipped,
    unexplained: [...ledger.unexplained, ...differences],
  };
}

/** What all rounds share. */
interface Setting extends Omit<RoundParts, 'round' | 'yaml' | 'spool'> {
  readonly identity: RunIdentity;
  /** Folder of the spools. */
  readonly spools: string;
  /** Folder of the baseline. */
  readonly baseline: string;
  readonly skipped: readonly string[];
  readonly yamlOf: (round: Pick<Round, 'tmpfs' | 'sync' | 'maxSize'>) => string;
}

async function setUp(options: FaultOptions, log: (text: string) => void): Promise<Setting> {
  const { seed, rounds, roundMs, rate, folder } = options;
  const identity: RunIdentity = { seed, startMs: Date.now() };
  const skipped: string[] = [];
  const unless = <T>(thing: Or<T>): T | null => {
    const { missing } = thing as { readonly missing?: string };
    if (missing === undefined) return thing as T;
    skipped.push(missing);
    return null;
  };
  const spools = join(folder, 'spools');
  const work = join(folder, 'work');
  const baseline = join(folder, 'baseline');
  mkdirSync(work);
  const tmpfs = unless(Tmpfs.mount(join(spools, 'small')));
  const failingDisk = unless(FailingDisk.build(folder, spools));
  const fluentd = await makeFluentd(unless(options.fluentd), folder);
  const maxEvents = Math.ceil((rounds * roundMs * rate * sparePart) / 1000) + 100_000;
  const ledger = new Ledger(maxEvents);
  const port = fluentd?.port ?? (await freeTcpPort());
  const receivers = new Receivers({ run: identity, ledger, folder, port, fluentd });
  const [tcpPort, udpPort] = [await freeTcpPort(), await freeTcpPort()];
  const udpRate = rate * udpPart;
  const sending = { tcpPort, udpPort, connections, rate, udpRate, maxEvents };
  const sender = new Sender({ ...identity, ...sending }, ledger);
  let diskFailsUntil = Number.NEGATIVE_INFINITY;
  const diskFails = (forMs: number): void => {
    diskFailsUntil = Math.max(diskFailsUntil, performance.now() + forMs);
  };
  const diskFailed = (sinceMs: number): boolean => sinceMs < diskFailsUntil;
  const env = failingDisk?.env ?? {};
  const program = new Program({ folder: work, ledger, log, env, diskFailed });
  const yamlOf: Setting['yamlOf'] = ({ tmpfs: small, sync, maxSize }) => `
listen:
  udp: { address: 127.0.0.1, port: ${udpPort} }
  tcp: { address: 127.0.0.1, port: ${tcpPort} }
detection: { time: event }
baseline: { path: ${baseline}, checkpoint: 2s }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${port} } ], ack_timeout: 2s } }
spool:
  path: ${options.spoolOnDisk ? spoolPath(spools, small) : false}
  max_size: ${maxSize}
  sync: ${sync}
  sync_interval: 200ms
`;
  const { arriveWithinMs } = options;
  const parts = { identity, spools, baseline, skipped, yamlOf, seed, ledger, program, sender };
  return { ...parts, receivers, tmpfs, failingDisk, arriveWithinMs, log, diskFails };
}

function spoolPath(spools: string, tmpfs: boolean): string {
  return join(spools, tmpfs ? 'small' : 'large', 'spool');
}

function nameOf({ number, kind, damage, receiver, tmpfs }: Round): string {
  const where = tmpfs ? 'small disk' : 'disk';
  return `${number} ${damage === null ? kind : `${kind}: ${damage}`}, ${receiver}, ${where}`;
}

function makeFluentd(path: string | null, folder: string): Promise<Fluentd> | null {
  if (path === null) return null;
  const own = join(folder, 'fluentd');
  mkdirSync(own);
  const teardown = (end: () => void): void => atEnd(end);
  return Fluentd.make({ teardown } as never, { fluentd: path, folder: own });
}

function learnHistory(identity: RunIdentity, folder: string, yaml: string): void {
  const config = join(folder, 'learn.yaml');
  const file = join(folder, 'history');
  writeFileSync(config, yaml);
  writeFileSync(file, `${historyLines(identity).join('\n')}\n`);
  execFileSync(process.execPath, [cliPath, 'learn', '-c', config, file], { stdio: 'ignore' });
}
