/** `stegwatch demo --print`: the sample traffic as the log of a proxy, the events to look at in its last lines. */
import type { Writable } from 'node:stream';
import { TextOutput } from '../text-output.js';
import { history, scenes } from './traffic.js';

/** @param nowMs when the log ends */
export async function printTraffic(stdout: Writable, nowMs: number): Promise<number> {
  const output = new TextOutput(stdout);
  for (const line of history(nowMs)) {
    if (output.closed) return 0;
    await output.line(line);
  }
  for (const { line } of scenes(nowMs)) await output.line(line);
  return 0;
}
