/** A bar for long work, drawn on stderr only where a person can see it: when it is a terminal. */
import type { Writable } from 'node:stream';
import cliProgress from 'cli-progress';

export interface Progress {
  /** @param done and `total` in any one unit; a total of 0 is "not known", and draws no bar */
  update(done: number, total: number): void;
  /** Removes the bar, so that what is written next stands alone. Idempotent. */
  stop(): void;
}

const silent: Progress = { update: () => {}, stop: () => {} };

/** @param label what is going on, in a word or two: `reading` */
export function createProgress(stream: Writable, label: string): Progress {
  if (!('isTTY' in stream) || stream.isTTY !== true) return silent;
  const bar = new cliProgress.SingleBar({
    stream: stream as NodeJS.WritableStream,
    format: `${label} {bar} {percentage} %, {eta_formatted} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    formatBar: cliProgress.Format.BarFormat,
    hideCursor: true,
    clearOnComplete: true,
    fps: 5,
  });
  let started = false;
  return {
    update(done, total) {
      if (total <= 0) return;
      if (started) bar.update(done);
      else bar.start(total, done);
      started = true;
    },
    stop() {
      if (started) bar.stop();
      started = false;
    },
  };
}
