/**
 * `stegwatch run`: the sidecar. SIGTERM and SIGINT drain and end it; a second one ends it at once. SIGHUP
 * reads the config and certificates anew (reload.ts).
 */
import type { Config, OutputName } from '../config/config.js';
import type { Exclusions } from '../detect/exclusions/exclusions.js';
import { countOf } from '../observe/counted.js';
import { Counters } from '../observe/counters.js';
import { type Logger, logsToTerminal } from '../observe/log.js';
import { lockBaseline } from '../pipeline/lock-baseline.js';
import { openPipeline } from '../pipeline/open-pipeline.js';
import { spoolFolder } from '../pipeline/open-taken-in.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { Undelivered, WayOut } from '../pipeline/way-out.js';
import { tuneEngine } from '../platform/engine.js';
import { createServiceNotify, type ServiceNotify } from '../platform/service-notify.js';
import { AlertLines } from './alert-lines.js';
import { baselinesInLog, baselinesNow, warmUps } from './baselines-now.js';
import type { Loaded } from './load.js';
import { sayNotices } from './notices.js';
import { Reloads, reload } from './reload.js';
import { type RunAdmin, startAdmin } from './run-admin.js';
import { nextSignal } from './signals.js';
import { Watch } from './watch.js';

const statusIntervalMs = 60_000;
/** Below the 90 s that systemd and the 30 s that Kubernetes grant by default. */
const drainDeadlineMs = 20_000;

/** @param read the config as it is now: at the start and for each SIGHUP. Throws as `load` does */
export async function run(read: () => Loaded, log: Logger): Promise<number> {
  tuneEngine();
  // Before all that takes time: as process 1 of a container, what is not listened to is ignored.
  const stopped = nextSignal();
  const reloads = new Reloads();
  const { config, exclusions } = read();
  // And before memory is taken.
  const service = createServiceNotify({
    env: process.env,
    pid: process.pid,
    onProblem: (words) =>
      log.error(
        { code: 'SERVICE_NOT_NOTIFIED' },
        `systemd is not told how we are: ${words}. It ends a service of Type=notify, or with ` +
          'WatchdogSec, that does not report: see docs/deploy.md',
      ),
  });
  const counters = new Counters();
  sayNotices(config, Date.now(), log);
  // Before any port and any spool: beside another process of the same config this is what is wrong, not a port.
  const lock = await lockBaseline(config, log);
  try {
    // First and last, so that it can say what the process is about.
    const admin = await startAdmin(config, counters, log);
    const loaded = { config, exclusions };
    const parts = { loaded, read, counters, log, admin, service, stopped, reloads };
    return await sidecar(parts).finally(() => admin.stop());
  } finally {
    service.close();
    await lock.release();
  }
}

interface SidecarParts {
  readonly loaded: Loaded;
  readonly read: () => Loaded;
  readonly counters: Counters;
  readonly log: Logger;
  readonly admin: RunAdmin;
  readonly service: ServiceNotify;
  readonly stopped: Promise<NodeJS.Signals>;
  readonly reloads: Reloads;
}

async function sidecar(parts: SidecarParts): Promise<number> {
  const { loaded, read, counters, log, admin, service, stopped, reloads } = parts;
  const { config, exclusions } = loaded;
  const { pipeline, feeds } = await openPipeline({ config, exclusions, counters, log });
  const watchOver = (exclusions: Exclusions): Watch =>
    new Watch({
      detection: pipeline.config.detection,
      feeds,
      exclusions,
      log,
    });
  let watch = watchOver(exclusions);
  const alertLines = logsToTerminal() ? new AlertLines(log, Date.now) : null;
  pipeline.onAlert = (verdict) => {
    admin.onAlert(verdict);
    alertLines?.add(verdict);
  };
  await pipeline.start();
  admin.running(pipeline, feeds);
  reloads.start(async () => {
    service.reloading();
    await reload(pipeline, read, counters, log, (loaded) => {
      watch = watchOver(loaded.exclusions);
    });
    service.ready();
  });
  log.info(
    {
      inputs: pipeline.inputs.map((input) => input.name),
      outputs: Object.fromEntries(
        pipeline.waysOut.map((way) => [way.name, spoolFacts(way, config)]),
      ),
      admin: admin.url,
      ...baselinesInLog(baselinesNow(pipeline)),
    },
    'started',
  );
  service.ready();
  service.watch(() => pipeline.alive);

  const headrooms = pipeline.waysOut.map((way) => new Headroom(way, log));
  const status = setInterval(() => {
    watch.check(Date.now(), warmUps(baselinesNow(pipeline)));
    for (const headroom of headrooms) headroom.look();
    log.info(report(counters, pipeline, headrooms), 'status');
  }, statusIntervalMs);
  const signal = await stopped;
  clearInterval(status);
  admin.stopping();
  log.info({ signal }, 'stopping: draining the spool');
  await reloads.stop();
  // After the last word of a reload, which is that all is ready.
  service.stopping();
  const undelivered = await pipeline.stop(drainDeadlineMs);
  let lost = 0;
  for (const [output, events] of undelivered) {
    sayUndelivered(output, events, spoolFolder(config, output), log);
    lost += events.lost;
  }
  alertLines?.endWindow();
  log.info(report(counters, pipeline), 'stopped');
  return lost > 0 ? 1 : 0;
}

function sayUndelivered(
  output: OutputName,
  { kept, lost }: Undelivered,
  spool: string | null,
  log: Logger,
): void {
  if (kept > 0) {
    const facts = { code: 'EVENTS_KEPT', output, events: kept, spool } as const;
    log.warn(facts, 'not everything could be delivered: the next start goes on with it');
  }
  if (lost > 0) {
    const why = 'they could neither be delivered nor written to the spool';
    log.error({ code: 'EVENTS_LOST', output, events: lost }, `events are LOST: ${why}`);
  }
}

function spoolFacts({ name, takenIn: { maxBytes } }: WayOut, config: Config): object {
  return { spool: spoolFolder(config, name) ?? 'in memory', spoolMaxBytes: maxBytes };
}

/** How long the spool of an output would hold at the present rate. */
class Headroom {
  readonly #way: WayOut;
  readonly #log: Logger;
  #spooledBytes = 0;
  #said = false;
  /** Null while nothing comes. */
  minutes: number | null = null;

  constructor(way: WayOut, log: Logger) {
    this.#way = way;
    this.#log = log;
  }

  /** Once a status interval. */
  look(): void {
    const { counters, takenIn, name } = this.#way;
    const bytes = counters.spooled_bytes - this.#spooledBytes;
    this.#spooledBytes = counters.spooled_bytes;
    this.minutes =
      bytes === 0 ? null : Math.round((takenIn.maxBytes / bytes) * (statusIntervalMs / 60_000));
    if (this.#said || this.minutes === null || this.minutes > worthSaying) return;
    this.#said = true;
    this.#log.info(
      { output: name, spoolMaxBytes: takenIn.maxBytes, bytesPerMinute: bytes },
      `at the present rate the spool holds ${inWords(this.minutes)} of events if ${name} is away`,
    );
  }
}

/** A month: with next to no traffic it is years, which says nothing. */
const worthSaying = 30 * 24 * 60;

/** As long as anybody asks for. */
function inWords(minutes: number): string {
  if (minutes < 180) return countOf(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return hours < 72 ? countOf(hours, 'hour') : countOf(Math.round(hours / 24), 'day');
}

/** Of counters only what is not zero, so that a drop stands out; what an output or a baseline has of its own under its name. */
function report(
  counters: Counters,
  pipeline: Pipeline,
  headrooms: readonly Headroom[] = [],
): Record<string, unknown> {
  const outputs = pipeline.waysOut.map(({ name, counters, spool }, i) => {
    const minutes = headrooms[i]?.minutes ?? null;
    const facts = { ...nonZero(counters), spool_bytes: spool.bytes };
    return [name, minutes === null ? facts : { ...facts, spool_minutes: minutes }];
  });
  const baselines = baselinesInLog(baselinesNow(pipeline));
  return { ...nonZero(counters), ...Object.fromEntries(outputs), ...baselines };
}

function nonZero(counters: object): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).filter(([, count]) => count !== 0));
}
