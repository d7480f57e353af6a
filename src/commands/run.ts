/**
 * `stegwatch run`: the sidecar. SIGTERM and SIGINT drain and end it; a second one ends it at once. SIGHUP
 * reads certificates anew.
 */
import { constants } from 'node:os';
import type { Config } from '../config/config.js';
import { expiryNotices } from '../config/expiry.js';
import type { Exclusions } from '../detect/exclusions/exclusions.js';
import { type WarmUp, warmUp } from '../detect/warm-up.js';
import { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import { openPipeline } from '../pipeline/open-pipeline.js';
import { spoolFolder } from '../pipeline/open-taken-in.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { tuneEngine } from '../platform/engine.js';
import { createServiceNotify } from '../platform/service-notify.js';
import { Watch } from './watch.js';

const statusIntervalMs = 60_000;
/** Below the 90 s that systemd and the 30 s that Kubernetes grant by default. */
const drainDeadlineMs = 20_000;

export async function run(config: Config, exclusions: Exclusions, log: Logger): Promise<number> {
  tuneEngine();
  // Before all that takes time: as process 1 of a container, what is not listened to is ignored.
  const stopped = nextSignal();
  const hangUps = new HangUps();
  // And before memory is taken.
  const service = createServiceNotify({
    env: process.env,
    pid: process.pid,
    onProblem: (words) =>
      log.error(
        `systemd is not told how we are: ${words}. It ends a service of Type=notify, or with ` +
          'WatchdogSec, that does not report: see docs/deploy.md',
      ),
  });
  const counters = new Counters();
  for (const notice of [...expiryNotices(config, Date.now()), ...config.notices]) log.warn(notice);
  const { pipeline, feeds } = await openPipeline({ config, exclusions, counters, log });
  const watch = new Watch({
    detection: config.detection,
    feeds,
    exclusions,
    warn: (facts, text) => log.warn(facts, text),
  });
  await pipeline.start();
  hangUps.onSignal = async () => {
    log.info('SIGHUP: reading certificates anew; the config is not read again, restart for that');
    service.reloading();
    await pipeline.reloadCertificates();
    service.ready();
  };
  log.info(
    {
      inputs: pipeline.inputs.map((input) => input.name),
      spool: spoolFolder(config) ?? 'in memory',
      spoolMaxBytes: pipeline.spoolMaxBytes,
      ...readiness(pipeline, config),
    },
    'started',
  );
  service.ready();
  service.watch(() => pipeline.alive);

  const headroom = new Headroom(pipeline, counters, log);
  const status = setInterval(() => {
    const ready = readiness(pipeline, config);
    watch.check(Date.now(), ready);
    log.info({ ...report(counters, pipeline), ...headroom.look(), ...ready }, 'status');
  }, statusIntervalMs);
  const signal = await stopped;
  clearInterval(status);
  service.stopping();
  log.info({ signal }, 'stopping: draining the spool');
  const { kept, lost } = await pipeline.stop(drainDeadlineMs);
  if (kept > 0) {
    log.warn(
      { events: kept, spool: spoolFolder(config), spoolBytes: pipeline.spool.bytes },
      'not everything could be delivered: the next start goes on with it',
    );
  }
  if (lost > 0) {
    const why = 'they could neither be delivered nor written to the spool';
    log.error({ events: lost }, `events are LOST: ${why}`);
  }
  service.close();
  log.info(report(counters, pipeline), 'stopped');
  return lost > 0 ? 1 : 0;
}

/** How long the spool would hold at the present rate. */
class Headroom {
  readonly #pipeline: Pipeline;
  readonly #counters: Counters;
  readonly #log: Logger;
  #spooledBytes = 0;
  #said = false;

  constructor(pipeline: Pipeline, counters: Counters, log: Logger) {
    this.#pipeline = pipeline;
    this.#counters = counters;
    this.#log = log;
  }

  /** Once a status interval. */
  look(): { spool_minutes?: number } {
    const bytes = this.#counters.spooled_bytes - this.#spooledBytes;
    this.#spooledBytes = this.#counters.spooled_bytes;
    if (bytes === 0) return {};
    const { spoolMaxBytes } = this.#pipeline;
    const minutes = Math.round((spoolMaxBytes / bytes) * (statusIntervalMs / 60_000));
    if (!this.#said) {
      this.#said = true;
      this.#log.info(
        { spoolMaxBytes, bytesPerMinute: bytes },
        `at the present rate the spool holds ${minutes} minutes of events if Fluentd is away`,
      );
    }
    return { spool_minutes: minutes };
  }
}

/** SIGHUP, which would end the process by default. One reload at a time. */
class HangUps {
  /** Until it is set a signal does nothing: what it asks for is about to be read. */
  onSignal: () => Promise<void> = async () => {};
  #reloading: Promise<void> = Promise.resolve();

  constructor() {
    process.on('SIGHUP', () => {
      this.#reloading = this.#reloading.then(() => this.onSignal());
    });
  }
}

/** Only what is not zero, so that a drop stands out. */
function report(counters: Counters, pipeline: Pipeline): Record<string, unknown> {
  const counts = Object.entries(counters).filter(([, count]) => count !== 0);
  return { ...Object.fromEntries(counts), spool_bytes: pipeline.spool.bytes };
}

function readiness(pipeline: Pipeline, config: Config): Record<string, WarmUp> {
  const hour = pipeline.currentHour() ?? 0;
  return Object.fromEntries(
    Object.entries(pipeline.baselines).map(([direction, baseline]) => [
      direction === 'download' ? 'baseline' : 'upload_baseline',
      warmUp(baseline.threshold(hour), config.detection),
    ]),
  );
}

/** Resolves with the first signal; the second one, whichever it is, ends the process. */
function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(128 + constants.signals[signal]);
      stopping = true;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
