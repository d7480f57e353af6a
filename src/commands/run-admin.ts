/** What `run` shows over HTTP (`admin`), wired to the pipeline. */
import { readFileSync } from 'node:fs';
import { Admin } from '../admin/admin.js';
import type { Observed, ObservedOutput } from '../admin/observed.js';
import { isLoopback } from '../config/admin-notices.js';
import type { Config } from '../config/config.js';
import { maskedConfig } from '../config/masked.js';
import { isWarning, judgeability } from '../feeds/judgeability.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { WayOut } from '../pipeline/way-out.js';
import type { Feeds } from '../stages.js';
import type { Verdict } from '../verdict.js';
import { baselinesNow } from './baselines-now.js';

export interface RunAdmin {
  /** Null if there is none. */
  readonly url: string | null;
  /** The state is loaded, the inputs listen. */
  running(pipeline: Pipeline, feeds: Feeds): void;
  /** For the page: of an event that alerts, or would have. From the first on: none may be counted that it does not list. */
  onAlert(verdict: Verdict): void;
  stopping(): void;
  /** After all else. */
  stop(): Promise<void>;
}

const none: RunAdmin = { url: null, running() {}, onAlert() {}, stopping() {}, async stop() {} };

/** @throws StegwatchError LISTEN_FAILED */
export async function startAdmin(
  config: Config,
  counters: Counters,
  log: Logger,
): Promise<RunAdmin> {
  if (config.admin === null) return none;
  let inForce = (): Config => config;
  const admin = new Admin({
    config: config.admin,
    loopback: isLoopback(config.admin.address),
    shownConfig: () => maskedConfig(inForce()),
    version: versionOfPackage(),
    ...{ counters, log },
  });
  await admin.start();
  const { state } = admin;
  log.info({ admin: admin.url }, 'admin: the status page, /metrics, /healthz, /readyz, /config');
  return {
    url: admin.url,
    running(pipeline, feeds) {
      inForce = () => pipeline.config;
      state.observed = observe(pipeline, feeds);
      state.phase = 'running';
    },
    onAlert: (verdict) => admin.page.alerts.add(verdict),
    stopping() {
      state.phase = 'stopping';
    },
    stop: () => admin.stop(),
  };
}

function observe(pipeline: Pipeline, feeds: Feeds): Observed {
  return {
    get inputs() {
      return pipeline.inputs;
    },
    paused: () => pipeline.full,
    outputs: pipeline.waysOut.map(outputOf),
    baselines: () =>
      baselinesNow(pipeline).map(({ warmUp: { ready, text }, ...facts }) => ({
        ...{ ready, text },
        ...facts,
      })),
    feeds: () =>
      feeds.seen().map((feed) => {
        const found = judgeability(feed, pipeline.config.detection);
        return { feed, ...found, warning: isWarning(found) };
      }),
  };
}

function outputOf(way: WayOut): ObservedOutput {
  const { name, counters, spool, disk, takenIn } = way;
  return {
    ...{ name, counters, spool, maxBytes: takenIn.maxBytes },
    get blocks() {
      return way.blocks;
    },
    writable: () => disk?.storing ?? true,
    connected: () => way.output.connected,
    trouble: () => way.output.trouble,
    events: () => way.events,
  };
}

function versionOfPackage(): string {
  const file = new URL('../../package.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}
