/**
 * `stegwatch tune`: what other settings would have meant over old logs. It says how many alerts there
 * would have been; whether they would have been right, only people can say. docs/tune.md is its manual.
 */
import type { Writable } from 'node:stream';
import type { Config } from '../../config/config.js';
import { compileExclusions, type Exclusions } from '../../detect/exclusions/exclusions.js';
import { createProgress } from '../../platform/progress.js';
import { readJpegEvents } from '../logs/jpeg-events.js';
import { TextOutput } from '../text-output.js';
import { EventDetails } from './details.js';
import { reportJson, reportLines } from './output.js';
import { type MakeReportOptions, makeReport, type Report } from './report.js';

const widest = 100;

export interface TuneOptions {
  readonly config: Config;
  readonly exclusions: Exclusions;
  readonly files: readonly string[];
  readonly json: boolean;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** What time it is, for stamps without a year. */
  readonly wallMs?: number;
}

/** @throws StegwatchError INPUT_UNREADABLE */
export async function tune(options: TuneOptions): Promise<number> {
  const { config, exclusions, files, stderr, wallMs = Date.now() } = options;
  const details = new EventDetails(config.exclusions);
  const events = await readJpegEvents({
    config,
    // Which of them are on differs from row to row: all that match are kept in the details.
    exclusions: compileExclusions([]).exclusions,
    files,
    referenceMs: wallMs,
    keepsFrame: () => false,
    onJpeg: (event, facts, timeMs) => details.add(event, exclusions.matches(facts, timeMs)),
    stderr,
  });
  const report = await judgedUnderAll({ config, events, details }, stderr);
  const output = new TextOutput(options.stdout);
  if (options.json) await output.line(reportJson(report));
  else for (const line of reportLines(report, widthOf(options.stdout))) await output.line(line);
  return 0;
}

async function judgedUnderAll(
  read: Omit<MakeReportOptions, 'onProgress'>,
  stderr: Writable,
): Promise<Report> {
  const progress = createProgress(stderr, 'judging');
  try {
    const onProgress = (done: number, total: number) => progress.update(done, total);
    return await makeReport({ ...read, onProgress });
  } finally {
    progress.stop();
  }
}

function widthOf(stream: Writable): number {
  const columns = 'columns' in stream ? Number(stream.columns) : widest;
  return columns > 0 ? Math.min(widest, columns) : widest;
}
