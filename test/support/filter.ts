/** A filter in this process: pieces in, answers out, with the stages that the command makes. */
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Answers } from '../../src/commands/filter/answers.js';
import { openFilter } from '../../src/commands/filter/open-filter.js';
import type { ProtocolName } from '../../src/commands/filter/protocol.js';
import { loadConfig } from '../../src/config/load.js';
import { compileExclusions } from '../../src/detect/exclusions/exclusions.js';
import { Counters } from '../../src/observe/counters.js';
import { createLogger } from '../../src/observe/log.js';

export interface Filtered {
  readonly out: Buffer;
  readonly counters: Counters;
  readonly warnings: readonly string[];
}

/** @param folder of the baseline */
export async function filtered(
  folder: string,
  protocol: ProtocolName,
  pieces: readonly (Buffer | string)[],
  {
    yaml = '',
    key = 'message',
    tagKey = null as string | null,
    whole = true,
    nowMs = Date.now(),
  } = {},
): Promise<Filtered> {
  const text = `${yaml}\nbaseline: { path: ${JSON.stringify(folder)}, max_hosts: 10000 }\n`;
  const config = loadConfig({ text, env: {} });
  const { exclusions } = compileExclusions(config.exclusions);
  const counters = new Counters();
  const stdout = new PassThrough({ highWaterMark: 1 << 30 });
  const answers = new Answers(stdout, counters);
  const warnings: string[] = [];
  const log = createLogger('silent');
  log.warn = (...said: unknown[]) => void warnings.push(String(said.at(-1)));
  const parts = { config, exclusions, protocol, key, tagKey, answers, counters, log };
  const opened = await openFilter(parts);
  for (const piece of pieces) {
    opened.protocol.push(Buffer.from(piece), nowMs);
    answers.flush();
  }
  opened.protocol.end(nowMs, whole);
  answers.flush();
  stdout.end();
  return { out: await buffer(stdout), counters, warnings };
}

/** Answers that are JSON. */
export async function filteredLines(...args: Parameters<typeof filtered>) {
  const { out, ...rest } = await filtered(...args);
  const text = out.toString();
  if (text !== '' && !text.endsWith('\n')) throw new Error('an answer without its end');
  const lines = text.split('\n').slice(0, -1);
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { lines, records, ...rest };
}
