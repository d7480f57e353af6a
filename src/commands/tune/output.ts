/** Shows what `tune` has found: as text for people, or as one line of JSON. */
import { bytesInWords } from '../../detect/alert/reason.js';
import { count, countOf } from '../../observe/counted.js';
import { printable } from '../../observe/printable.js';
import type { Figures } from './figures.js';
import { drawHistogram } from './histogram.js';
import type { Report, ReportBlock, ReportRow, ReportSizes } from './report.js';

const oneDecimal = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
const maxValueLength = 26;
const maxHostLength = 40;
const names: Readonly<Record<ReportBlock['key'], string>> = {
  percentile: 'percentile',
  new_source: 'new_source',
  minimum_bytes: 'minimum_bytes',
  suppress: 'suppress.by',
  exclusions: 'exclusions',
};
const figureHeads = ['alerts', '/day', 'worst', 'raised', '/day', 'hosts', 'excluded', 'threshold'];

/** @param width columns that a line may have; only tables may need more in a narrow terminal */
export function reportLines(report: Report, width: number): readonly string[] {
  const { counts, span, blocks } = report;
  if (span === null) return [...nothingFound(report), ...warningLines(report)];
  return [
    `${count(counts.jpegs)} JPEG events in ${count(counts.lines)} lines, ` +
      `${minute(span.fromMs)} to ${minute(span.toMs)} UTC`,
    ...leftOut(report),
    ...dayLines(report),
    ...warningLines(report),
    '',
    ...table([
      ['running setting', ...figureHeads],
      ['', ...cells(report.running)],
    ]),
    ...worstDayLines(report),
    ...blocks.flatMap((block) => ['', ...blockLines(block)]),
    '',
    ...hostLines(report),
    ...report.sizes.flatMap((sizes) => ['', ...sizeLines(sizes, report.sizes.length > 1, width)]),
  ];
}

function nothingFound({ counts }: Report): readonly string[] {
  if (counts.lines === 0) return ['the logs are empty: there is nothing to judge'];
  return [
    `there is no JPEG event that could be judged in ${count(counts.lines)} lines`,
    ...[[counts.others, 'events that are no JPEGs'], ...leftOutCounts(counts)].flatMap(
      ([some, what]) => (some === 0 ? [] : [`${count(Number(some))} ${what}`]),
    ),
    'detection.jpeg says what a JPEG is, feeds says which fields tell',
  ];
}

function leftOut({ counts }: Report): readonly string[] {
  const said = leftOutCounts(counts)
    .filter(([some]) => some > 0)
    .map(([some, what]) => `${count(some)} ${what}`);
  return said.length === 0 ? [] : [`not judged: ${said.join(', ')}`];
}

function leftOutCounts(counts: Report['counts']): readonly (readonly [number, string])[] {
  return [
    [counts.withoutUrl, 'JPEGs without a URL'],
    [counts.switchedOff, 'events of feeds with judge: false'],
    [counts.withoutTime, 'events without a time'],
    [counts.unparseable, 'lines that are not CEF'],
    [counts.cut, 'lines longer than listen.max_message'],
  ];
}

function dayLines({ days, running: { judgedDays }, warmUp }: Report): readonly string[] {
  const rest = warmUp === null ? [] : [`baseline at the last event: ${warmUp}`];
  if (judgedDays === 0) {
    const none = `none of ${countOf(days, 'day')} could be judged: the figures say nothing`;
    return [none, ...rest];
  }
  const warming = countOf(days - judgedDays, 'day');
  return [`${countOf(judgedDays, 'day')} judged, ${warming} of warm-up`, ...rest];
}

function worstDayLines({ running: { worstDay } }: Report): readonly string[] {
  if (worstDay === null) return [];
  return [`worst day: ${iso(worstDay.dayMs).slice(0, 10)}, ${countOf(worstDay.alerts, 'alert')}`];
}

function warningLines({ warnings }: Report): readonly string[] {
  return warnings.map((text) => `warning: ${text}`);
}

function blockLines({ key, rows }: ReportBlock): readonly string[] {
  if (rows.length === 0) return ['exclusions: none is configured'];
  const alone = key === 'exclusions';
  const head = [names[key], ...figureHeads, ...(alone ? ['alone'] : [])];
  const body = rows.map((row) => [
    `${row.running ? '*' : ' '} ${shortened(row.value, maxValueLength)}`,
    ...cells(row),
    ...(alone ? [row.heldByAlone === null ? '' : count(row.heldByAlone)] : []),
  ]);
  return table([head, ...body]);
}

function cells(figures: Figures): readonly string[] {
  const { alerts, perDay, worstDay, raised, raisedPerDay, hosts, excluded, thresholdBytes } =
    figures;
  return [
    count(alerts),
    mean(perDay),
    worstDay === null ? '-' : count(worstDay.alerts),
    count(raised),
    mean(raisedPerDay),
    count(hosts),
    count(excluded),
    thresholdBytes === null ? '-' : bytesInWords(thresholdBytes),
  ];
}

function hostLines({ topHosts, running }: Report): readonly string[] {
  if (topHosts.length === 0)
    return ['what they were: there are no alerts under the running setting'];
  const more = running.hosts - topHosts.filter(({ host }) => host !== '').length;
  const head = ['what they were', 'alerts', 'largest', 'state', 'first seen (UTC)', 'users'];
  const body = topHosts.map((top) => [
    `  ${top.host === '' ? '(no host)' : shortened(top.host, maxHostLength)}`,
    count(top.alerts),
    bytesInWords(top.largestBytes),
    top.state.replaceAll('_', ' '),
    minute(top.firstSeenMs),
    count(top.users),
  ]);
  return [...table([head, ...body]), ...(more > 0 ? [`  and ${count(more)} more hosts`] : [])];
}

function sizeLines(
  { direction, counts, marks }: ReportSizes,
  named: boolean,
  width: number,
): readonly string[] {
  const lines = drawHistogram(counts, marks, width);
  const what = named ? `JPEG sizes, ${direction}` : 'JPEG sizes';
  if (lines.length === 0) return [`${what}: no event carried one`];
  return [`${what} (p: threshold at the last event)`, ...lines];
}

/** The first column to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ')
      .trimEnd(),
  );
}

function shortened(text: string, length: number): string {
  const characters = [...printable(text.slice(0, 2 * length))];
  const whole = characters.length <= length;
  return whole ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`;
}

/** Keys are part of what `--json` promises: docs/tune.md. */
export function reportJson(report: Report): string {
  const { counts, span, days, running, blocks, topHosts, sizes, warnings, warmUp } = report;
  return JSON.stringify({
    lines: counts.lines,
    jpegs: counts.jpegs,
    not_judged: {
      without_url: counts.withoutUrl,
      switched_off: counts.switchedOff,
      without_time: counts.withoutTime,
      unparseable: counts.unparseable,
      cut: counts.cut,
    },
    from: span === null ? null : iso(span.fromMs),
    to: span === null ? null : iso(span.toMs),
    days,
    warm_up: warmUp,
    running: figuresJson(running),
    blocks: blocks.map(({ key, rows }) => ({ key: names[key], rows: rows.map(rowJson) })),
    top_hosts: topHosts.map((top) => ({
      host: top.host,
      alerts: top.alerts,
      largest_bytes: top.largestBytes,
      host_state: top.state,
      first_seen: iso(top.firstSeenMs),
      users: top.users,
    })),
    sizes: sizes.map(({ direction, counts: { zero, octaves }, marks }) => ({
      direction,
      zero,
      octaves,
      marks: marks.map(({ bytes, words }) => ({ name: words, bytes })),
    })),
    warnings,
  });
}

function rowJson({ value, running, heldByAlone, ...figures }: ReportRow) {
  const alone = heldByAlone === null ? {} : { held_by_alone: heldByAlone };
  return { value, running, ...figuresJson(figures), ...alone };
}

function figuresJson(figures: Figures) {
  const { worstDay } = figures;
  return {
    alerts: figures.alerts,
    per_day: figures.perDay,
    worst_day:
      worstDay === null ? null : { day: iso(worstDay.dayMs).slice(0, 10), alerts: worstDay.alerts },
    raised: figures.raised,
    raised_per_day: figures.raisedPerDay,
    hosts: figures.hosts,
    excluded: figures.excluded,
    threshold_bytes: figures.thresholdBytes,
    judged_days: figures.judgedDays,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** `2026-11-24 05:00` */
function minute(ms: number): string {
  return iso(ms).slice(0, 16).replace('T', ' ');
}

function mean(value: number | null): string {
  return value === null ? '-' : value.toLocaleString('en-US', oneDecimal);
}
