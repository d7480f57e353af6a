/** SIGTERM and SIGINT: the first one is heard, the second one, whichever it is, ends the process. */
import { constants } from 'node:os';

/** Resolves with the first signal. To be called before all that takes time: until then a signal just kills. */
export function nextSignal(): Promise<NodeJS.Signals> {
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
