/**
 * `stegwatch hunt`: the hunting query over old logs, exactly. Alerts go to stdout, what was read and
 * judged goes to stderr. docs/hunt.md is its manual.
 */
import type { Writable } from 'node:stream';
import type { Config, DetectionConfig } from '../../config/config.js';
import { bytesInWords, ordinal } from '../../detect/alert/reason.js';
import type { Exclusions } from '../../detect/exclusions/exclusions.js';
import { warmUp } from '../../detect/warm-up.js';
import type { Feed } from '../../feed.js';
import { judgeabilityWarnings } from '../../feeds/judgeability.js';
import { msPerHour } from '../../hour.js';
import { count } from '../../observe/counted.js';
import { type JpegEvents, readJpegEvents } from '../logs/jpeg-events.js';
import { judgeAt, judgeEach, type Verdicts } from '../logs/verdicts.js';
import { TextOutput } from '../text-output.js';
import { ShownFindings, writeJson, writeTable } from './output.js';

const maxFeedRows = 20;

export interface HuntOptions {
  readonly config: Config;
  readonly exclusions: Exclusions;
  readonly files: readonly string[];
  /** The query as run at this moment; null: each event at its own moment. */
  readonly nowMs: number | null;
  readonly json: boolean;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** What time it is, for stamps without a year where `nowMs` does not say. */
  readonly wallMs?: number;
}

/** @throws StegwatchError INPUT_UNREADABLE */
export async function hunt(options: HuntOptions): Promise<number> {
  const { config, nowMs, wallMs = Date.now() } = options;
  const { detection } = config;
  const events = await readJpegEvents({
    ...options,
    referenceMs: nowMs ?? wallMs,
    keepsFrame: framesToKeep(detection, nowMs),
  });
  const verdicts =
    nowMs === null ? judgeEach(events, detection) : judgeAt(events, nowMs, detection);
  const shown = new ShownFindings(events, config);
  const output = new TextOutput(options.stdout);
  await (options.json ? writeJson : writeTable)(shown, verdicts.findings, output);
  const errors = new TextOutput(options.stderr);
  const lines = [
    ...summary(events, verdicts, detection, nowMs),
    ...exclusionRows(options.exclusions),
  ];
  for (const line of lines) await errors.line(line);
  return 0;
}

/** An event can only alert with a size of `minimum_bytes` at least, and in the time that is judged. */
function framesToKeep(
  detection: DetectionConfig,
  nowMs: number | null,
): (timeMs: number, bytes: number) => boolean {
  const { minimumBytes, holdbackHours } = detection;
  if (nowMs === null) return (_, bytes) => bytes >= minimumBytes;
  const untilMs = nowMs - holdbackHours * msPerHour;
  return (timeMs, bytes) => bytes >= minimumBytes && timeMs > untilMs && timeMs <= nowMs;
}

function summary(
  { counts, timesMs, order, feeds }: JpegEvents,
  verdicts: Verdicts,
  detection: DetectionConfig,
  nowMs: number | null,
): readonly string[] {
  const timed = counts.others + counts.jpegs + counts.withoutUrl + counts.switchedOff;
  const at = (index: number | undefined) => new Date(timesMs[index ?? 0]!).toISOString();
  const span = order.length === 0 ? '' : `, ${at(order[0])} to ${at(order[order.length - 1])}`;
  const judgedAt = nowMs === null ? '' : ` of the time up to ${new Date(nowMs).toISOString()}`;
  return [
    row('lines', counts.lines, ''),
    row('events', timed + counts.withoutTime, ''),
    row('JPEGs', counts.jpegs, span),
    row(
      'judged',
      verdicts.judged,
      ` of ${count(verdicts.looked)} JPEGs${judgedAt}; ${count(verdicts.skipped)} skipped,` +
        ` ${count(verdicts.withoutBytes)} without a size, ${count(verdicts.withoutHost)} without a host`,
    ),
    thresholdRow(verdicts, detection, nowMs),
    row('alerts', verdicts.findings.length, `, ${count(verdicts.excluded)} more excluded`),
    row('without URL', counts.withoutUrl, ' JPEGs by their type (not judged)'),
    row('switched off', counts.switchedOff, ' events of feeds with judge: false (not judged)'),
    row('without time', counts.withoutTime, ' (not judged)'),
    row('unparseable', counts.unparseable, ' (not judged)'),
    row('cut', counts.cut, ' (longer than listen.max_message, not judged)'),
    ...feedRows(feeds.seen(), detection),
  ];
}

/** Exclusions that did nothing: most likely their fields are not those of the feed. */
function exclusionRows(exclusions: Exclusions): readonly string[] {
  return exclusions
    .report()
    .filter(({ status }) => status !== 'used')
    .map(({ name, words }) => `${'exclusion'.padEnd(14)}${name}: ${words}`);
}

/** The feeds that sent JPEGs, most first, and what of theirs cannot be judged, so that none is silent. */
function feedRows(feeds: readonly Feed[], detection: DetectionConfig): readonly string[] {
  const sending = feeds
    .filter((feed) => feed.jpegs > 0 || !feed.profile.judge)
    .toSorted((a, b) => b.jpegs - a.jpegs);
  const rows = sending.slice(0, maxFeedRows).map((feed) => {
    const { jpegs, skipped, noUrl, noBytes, noHost } = feed;
    const missing: readonly (readonly [number, string])[] = [
      [skipped, 'skipped'],
      [noUrl, 'without a URL'],
      [noBytes, 'without a size'],
      [noHost, 'without a host'],
    ];
    const said = missing
      .filter(([some]) => some > 0)
      .map(([some, what]) => `, ${count(some)} ${what}`);
    return row('feed', jpegs, ` JPEGs of ${feed.name}${said.join('')}`);
  });
  const more = sending.length - rows.length;
  return [
    ...rows,
    ...(more > 0 ? [row('feed', more, ' more feeds')] : []),
    ...judgeabilityWarnings(feeds, detection).map((text) => `${'warning'.padEnd(14)}${text}`),
  ];
}

function thresholdRow(
  { thresholds }: Verdicts,
  detection: DetectionConfig,
  nowMs: number | null,
): string {
  const [threshold] = thresholds;
  if (threshold === undefined) return `${'threshold'.padEnd(14)}none: no JPEG with a time was read`;
  const state = warmUp(threshold, detection);
  const when = nowMs === null ? ' at the last event' : '';
  if (threshold.bytes === null) return `${'threshold'.padEnd(14)}none${when}: ${state.text}`;
  const percentile = `${ordinal(detection.percentileMilli / 1000)} percentile`;
  const words = bytesInWords(threshold.bytes);
  return row(
    'threshold',
    threshold.bytes,
    ` bytes (${words}, ${percentile})${when}; ${state.text}`,
  );
}

function row(name: string, value: number, rest: string): string {
  return `${name.padEnd(14)}${count(value)}${rest}`;
}
