/** Runs `tune` in this process and gathers what it prints. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { tune } from '../../../src/commands/tune/tune.js';
import { loadConfig } from '../../../src/config/load.js';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';

export interface TuneSettings {
  readonly yaml?: string;
  readonly json?: boolean;
  readonly wallMs?: number;
  /** As of a terminal. */
  readonly columns?: number;
  /** stderr is one, too. */
  readonly terminal?: boolean;
}

export async function runTune(files: readonly string[], settings: TuneSettings = {}) {
  const config = loadConfig({ text: settings.yaml ?? '{}', env: {} });
  const { exclusions, problems } = compileExclusions(config.exclusions);
  if (problems.length > 0) throw new Error(problems[0]!.message);
  const { columns } = settings;
  const stdout = Object.assign(new PassThrough(), columns === undefined ? {} : { columns });
  const terminal = { cursorTo: () => true, moveCursor: () => true, clearLine: () => true };
  const isTTY = settings.terminal ?? false;
  const stderr = Object.assign(new PassThrough(), isTTY ? { isTTY, columns: 80, ...terminal } : {});
  const printed = Promise.all([text(stdout), text(stderr)]);
  const code = await tune({
    config,
    exclusions,
    files,
    json: settings.json ?? false,
    stdout,
    stderr,
    ...(settings.wallMs === undefined ? {} : { wallMs: settings.wallMs }),
  });
  stdout.end();
  stderr.end();
  const [out, errors] = await printed;
  return { code, out, errors };
}

/** Of a row, as `--json` gives it. */
export interface RowJson {
  readonly value: string;
  readonly running: boolean;
  readonly alerts: number;
  readonly per_day: number | null;
  readonly worst_day: { readonly day: string; readonly alerts: number } | null;
  readonly raised: number;
  readonly raised_per_day: number | null;
  readonly hosts: number;
  readonly excluded: number;
  readonly threshold_bytes: number | null;
  readonly judged_days: number;
  readonly held_by_alone?: number;
}

export interface TuneJson {
  readonly days: number;
  readonly running: Omit<RowJson, 'value' | 'running'>;
  readonly blocks: readonly { readonly key: string; readonly rows: readonly RowJson[] }[];
  readonly top_hosts: readonly Readonly<Record<string, unknown>>[];
  readonly sizes: readonly {
    readonly direction: string;
    readonly zero: number;
    readonly octaves: readonly number[];
    readonly marks: readonly { readonly name: string; readonly bytes: number }[];
  }[];
  readonly [key: string]: unknown;
}

export async function tuneJson(
  files: readonly string[],
  settings: TuneSettings = {},
): Promise<TuneJson> {
  const { out } = await runTune(files, { ...settings, json: true });
  return JSON.parse(out);
}
