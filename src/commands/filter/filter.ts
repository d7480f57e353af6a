/**
 * `stegwatch filter`: the same judgement as `run` over stdin and stdout, as a plug-in of rsyslog, syslog-ng or
 * Fluentd. No listener, no spool, no connection: who sends keeps what is not answered. docs/plugin.md.
 */
import type { Writable } from 'node:stream';
import type { Config } from '../../config/config.js';
import type { Exclusions } from '../../detect/exclusions/exclusions.js';
import { type WarmUp, warmUp } from '../../detect/warm-up.js';
import { Counters } from '../../observe/counters.js';
import type { Logger } from '../../observe/log.js';
import { lockBaseline } from '../../pipeline/lock-baseline.js';
import { tuneEngine } from '../../platform/engine.js';
import { sayNotices } from '../notices.js';
import { nextSignal } from '../signals.js';
import { Watch } from '../watch.js';
import { Answers } from './answers.js';
import { type OpenedFilter, openFilter } from './open-filter.js';
import type { ProtocolName } from './protocol.js';
import { readStdin, type StdinEnd } from './read-stdin.js';

const statusIntervalMs = 60_000;
/** A reader that takes nothing at the end is not waited for longer. */
const drainDeadlineMs = 5000;
/** Whoever restarts us may do so before the one before has saved its baseline. */
const lockWaitMs = 10_000;

export interface FilterOptions {
  readonly config: Config;
  readonly exclusions: Exclusions;
  readonly protocol: ProtocolName;
  /** The key under which a record of `json` and `msgpack` has the CEF line. */
  readonly key: string;
  /** The key under which such a record gets the tag of `forward.fluentd`; null: none. */
  readonly tagKey: string | null;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Writable;
  readonly log: Logger;
}

/** @throws StegwatchError BASELINE_UNUSABLE, BASELINE_IN_USE */
export async function filter(options: FilterOptions): Promise<number> {
  tuneEngine();
  const signal = nextSignal();
  const { config, protocol, log } = options;
  const counters = new Counters();
  sayNotices(config, Date.now(), log);
  const lock = await lockBaseline(config, log, lockWaitMs);
  try {
    const answers = new Answers(options.stdout, counters);
    const opened = await openFilter({ ...options, answers, counters });
    log.info({ protocol, ...readiness(opened, config) }, 'started');
    opened.checkpoints.start();
    const status = statusLines(options, opened, counters);
    const ended = await readStdin({ ...options, ...opened, answers, counters, signal });
    clearInterval(status);
    await answers.settled(drainDeadlineMs);
    await opened.checkpoints.stop();
    return told(ended, answers, counters, log);
  } finally {
    await lock.release();
  }
}

/** Says how it ended; returns the exit code. */
function told(ended: StdinEnd, answers: Answers, counters: Counters, log: Logger): number {
  const { gone } = answers;
  const unwritten = answers.made - answers.written;
  const facts = { ...counted(counters), ended };
  if (gone?.code === 'EPIPE') {
    log.info({ ...facts, unwritten }, 'stopped: whoever read stdout has gone');
    return 0;
  }
  if (gone !== null || unwritten > 0) {
    const why = gone === null ? 'whoever reads stdout takes nothing' : gone.message;
    log.error({ code: 'ANSWERS_LOST', ...facts, unwritten }, `stopped: answers are LOST: ${why}`);
    return 1;
  }
  log.info(facts, 'stopped');
  return 0;
}

function statusLines(
  { config, exclusions, log }: FilterOptions,
  opened: OpenedFilter,
  counters: Counters,
): NodeJS.Timeout {
  const { detection } = config;
  const watch = new Watch({
    detection,
    feeds: opened.state.feeds,
    exclusions,
    log,
  });
  return setInterval(() => {
    const ready = readiness(opened, config);
    watch.check(Date.now(), ready);
    log.info({ ...counted(counters), ...ready }, 'status');
  }, statusIntervalMs);
}

/** Only what is not zero, so that a drop stands out. */
function counted(counters: Counters): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).filter(([, count]) => count !== 0));
}

function readiness(
  { state, checkpoints }: OpenedFilter,
  { detection }: Config,
): Record<string, WarmUp> {
  const hour = checkpoints.currentHour() ?? 0;
  return Object.fromEntries(
    Object.entries(state.baselines).map(([direction, baseline]) => [
      direction === 'download' ? 'baseline' : 'upload_baseline',
      warmUp(baseline.threshold(hour), detection),
    ]),
  );
}
