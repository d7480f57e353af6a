/**
 * Ends a process that an input has hung, and says which input: a loop that never ends lets no timer of its
 * own thread run, so another thread looks on.
 */
import { writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

/** An input takes milliseconds; a busy machine takes longer. */
const hungAfterMs = 60_000;

interface Shared {
  /** Index of the target, number of the input. */
  readonly at: SharedArrayBuffer;
  readonly seed: number;
  readonly names: readonly string[];
}

/** Call the result before each input. */
export function watch(
  seed: number,
  names: readonly string[],
): (name: string, number: number) => void {
  const at = new SharedArrayBuffer(8);
  const worker = new Worker(new URL(import.meta.url), { workerData: { at, seed, names } });
  worker.unref();
  const cells = new Int32Array(at);
  return (name, number) => {
    Atomics.store(cells, 0, names.indexOf(name));
    Atomics.store(cells, 1, number);
  };
}

function lookOn({ at, seed, names }: Shared): void {
  const cells = new Int32Array(at);
  let last = '';
  setInterval(() => {
    const [index, number] = [Atomics.load(cells, 0), Atomics.load(cells, 1)];
    const now = `${index} ${number}`;
    if (now !== last) {
      last = now;
      return;
    }
    const again = `--seed ${seed} --only ${names[index]} --at ${number}`;
    writeSync(2, `hung: npm run fuzz -- ${again}\n`);
    process.kill(process.pid, 'SIGKILL');
  }, hungAfterMs);
}

if (!isMainThread) lookOn(workerData as Shared);
