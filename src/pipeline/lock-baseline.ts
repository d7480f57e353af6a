/**
 * One writer of a baseline: `run`, `filter` and `learn` each hold the lock of `baseline.path` while they
 * have it open, else the checkpoints of one would be cut short by the other's. Who only looks on needs none.
 * It is taken before any spool's and let go of after them: one sentence for all who come second.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import { StegwatchError, wordsOf } from '../errors.js';
import type { Logger } from '../observe/log.js';
import { type LockResult, lockDirectory } from '../platform/directory-lock.js';
import { makeDirectory } from '../platform/make-directory.js';

export interface BaselineLock {
  /** Idempotent. */
  release(): Promise<void>;
}

const askAgainMs = 100;
const noLock: BaselineLock = { release: async () => {} };

/**
 * Makes the directory if there is none. Without sockets on its file system there is no lock: a warning says so.
 * @param waitMs how long one that ends may take to let go of it
 * @throws StegwatchError BASELINE_IN_USE, BASELINE_UNUSABLE
 */
export async function lockBaseline(
  { baseline: { path } }: Pick<Config, 'baseline'>,
  log: Pick<Logger, 'warn'>,
  waitMs = 0,
): Promise<BaselineLock> {
  let result = await locked(path);
  if (result.kind === 'held' && waitMs > 0) {
    log.warn(
      { code: 'BASELINE_AWAITED', path, waitMs },
      'the baseline is in use by another stegwatch: waiting for it to end',
    );
  }
  for (let left = waitMs; result.kind === 'held' && left > 0; left -= askAgainMs) {
    await sleep(askAgainMs);
    result = await locked(path);
  }
  if (result.kind === 'locked') return result.lock;
  if (result.kind === 'held') {
    throw new StegwatchError(
      'BASELINE_IN_USE',
      `The baseline in ${path} is in use by another stegwatch (run, filter or learn).`,
      'Stop that process, or give this one a baseline.path of its own: what one learns the other would ' +
        'write over.',
    );
  }
  log.warn(
    { code: 'BASELINE_NOT_LOCKED', path, reason: result.reason },
    'the baseline cannot be locked on this file system: make sure that no other process writes to it',
  );
  return noLock;
}

async function locked(path: string): Promise<LockResult> {
  try {
    await makeDirectory(path);
    return await lockDirectory(path);
  } catch (error) {
    throw new StegwatchError(
      'BASELINE_UNUSABLE',
      `The directory of the baseline cannot be made or opened: ${wordsOf(error)}`,
      'The directory of baseline.path must be on a disk with free space, and writable by stegwatch.',
      { cause: error },
    );
  }
}
