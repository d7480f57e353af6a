/**
 * Settings of V8 for a process that runs one loop for months. They change no behaviour, only cost, so an engine
 * that does not know one of them may say so and go on (Node's documentation of `v8.setFlagsFromString`).
 */
import { setFlagsFromString } from 'node:v8';

const flags: readonly string[] = [
  // The way of an event is a few dozen small functions. By default V8 gives up inlining them half way down:
  // a tenth of the cost of an event, measured (`npm run bench:stages`, Node 20).
  '--max-inlined-bytecode-size=1500',
  '--max-inlined-bytecode-size-cumulative=4000',
  // V8 doubles its nursery as long as much survives, as it does while a baseline is loaded, and keeps it so: a fifth
  // of the memory for nothing, since of an event nothing survives (`npm run bench`: 125 MiB against 150).
  '--semi-space-growth-factor=1',
];

/** For `run`; before the first event, since what has been compiled stays as it is. */
export function tuneEngine(): void {
  for (const flag of flags) setFlagsFromString(flag);
}
