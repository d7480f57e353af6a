/**
 * Takes stdin in, piece by piece, while stdout takes answers; until it ends, a signal comes, or whoever reads the
 * answers has gone.
 */
import type { Counters } from '../../observe/counters.js';
import type { Answers } from './answers.js';
import type { Protocol } from './protocol.js';

/** After a signal the pipe is read on until it has been empty for so long … */
const idleMs = 200;
/** … but no longer than this: the sender may write for ever. */
const afterSignalMs = 5000;

export type StdinEnd = 'end of input' | 'input failed' | 'reader gone' | NodeJS.Signals;

export interface ReadStdinParts {
  readonly stdin: NodeJS.ReadStream;
  readonly protocol: Protocol;
  readonly answers: Answers;
  readonly counters: Counters;
  readonly signal: Promise<NodeJS.Signals>;
}

/** Resolves once all that was read has its answer made. */
export function readStdin(parts: ReadStdinParts): Promise<StdinEnd> {
  const { stdin, protocol, answers, counters } = parts;
  return new Promise((resolve) => {
    let stopping: NodeJS.Signals | null = null;
    let isOver = false;
    let idle: NodeJS.Timeout | null = null;

    const finish = (ended: StdinEnd): void => {
      if (isOver) return;
      isOver = true;
      if (idle !== null) clearTimeout(idle);
      stdin.off('data', onData);
      stdin.destroy();
      protocol.end(Date.now(), ended === 'end of input');
      answers.flush();
      resolve(ended);
    };
    const onData = (chunk: Buffer): void => {
      counters.received_bytes += chunk.length;
      protocol.push(chunk, Date.now());
      answers.flush();
      if (answers.full) stdin.pause();
      if (stopping !== null) waitForMore(stopping);
    };
    const waitForMore = (signal: NodeJS.Signals): void => {
      if (idle !== null) clearTimeout(idle);
      // While the reader does not keep up, that nothing comes says nothing.
      idle = answers.full ? null : setTimeout(finish, idleMs, signal);
    };

    const goOn = (): void => {
      stdin.resume();
      if (stopping !== null) waitForMore(stopping);
    };

    answers.onFree = () => {
      if (answers.gone !== null) finish('reader gone');
      else if (!isOver) goOn();
    };
    stdin.on('data', onData);
    stdin.on('end', () => finish('end of input'));
    stdin.on('error', () => finish('input failed'));
    void parts.signal.then((signal) => {
      if (isOver) return;
      stopping = signal;
      waitForMore(signal);
      setTimeout(finish, afterSignalMs, signal).unref();
    });
  });
}
