/** Runs `hunt` in this process and gathers what it prints. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { hunt } from '../../../src/commands/hunt/hunt.js';
import { loadConfig } from '../../../src/config/load.js';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';
import type { Alert } from '../../../src/verdict.js';

export interface HuntSettings {
  readonly yaml?: string;
  readonly nowMs?: number | null;
  readonly wallMs?: number;
  readonly json?: boolean;
}

export async function runHunt(files: readonly string[], settings: HuntSettings = {}) {
  const config = loadConfig({ text: settings.yaml ?? '{}', env: {} });
  const { exclusions, problems } = compileExclusions(config.exclusions);
  if (problems.length > 0) throw new Error(problems[0]!.message);
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const printed = Promise.all([text(stdout), text(stderr)]);
  const code = await hunt({
    config,
    exclusions,
    files,
    nowMs: settings.nowMs ?? null,
    json: settings.json ?? false,
    stdout,
    stderr,
    ...(settings.wallMs === undefined ? {} : { wallMs: settings.wallMs }),
  });
  stdout.end();
  stderr.end();
  const [out, summary] = await printed;
  return { code, out, summary };
}

/** A forwarded record, as far as tests look at it. */
export type HuntRecord = { readonly alert: Alert } & Readonly<Record<string, unknown>>;

export async function huntJson(files: readonly string[], settings: HuntSettings = {}) {
  const { out, summary } = await runHunt(files, { ...settings, json: true });
  const lines = out.split('\n').filter((line) => line !== '');
  return { records: lines.map((line) => JSON.parse(line) as HuntRecord), summary };
}
