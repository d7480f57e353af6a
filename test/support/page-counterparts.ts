/**
 * What must say the same as each value of `/status.json`: a metric, a line of the log, a record that was delivered,
 * `explain`. The type asks for every value that the page has, so that a new one without a counterpart does not compile.
 */
import type { ShownBaseline, Snapshot } from '../../src/admin/page/snapshot.js';
import type { LeafPath } from './leaves.js';
import { maxFeedsShown, type Samples, seriesOf, wrongFigures } from './page-sentences.js';
import type { LogLine } from './stegwatch.js';

/** A process at rest, seen from all sides. */
export interface Seen {
  readonly page: Snapshot;
  readonly samples: Samples;
  /** The last line of the log. */
  readonly stopped: LogLine;
  /** Of `explain`, what it says of the baseline; null if it was not asked. */
  readonly explained: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null;
  /** As they were delivered, in order: `alert` of those that were raised, `alert_suppressed` of those held back. */
  readonly raised: readonly Facts[];
  readonly heldBack: readonly Facts[];
}

export type Facts = Readonly<Record<string, unknown>>;

/** What differs, each in words. */
type Check = (seen: Seen) => readonly string[];
type Counterpart = Check | { readonly none: string };

/** Of lists with a fixed meaning of each place. */
export const tuples = ['rates[]', 'baselines[].sizes[]'];
/** What a page that has its fill lists. */
const maxAlerts = 500;

export const counterparts: Readonly<Record<LeafPath<Snapshot>, Counterpart>> = {
  at: { none: 'the moment of the answer; uptime_seconds is held against the start of the process' },
  version: ({ page, samples }) =>
    [...samples.keys()].some((key) =>
      key.startsWith(`stegwatch_build_info{version="${page.version}",`),
    )
      ? []
      : [`version ${page.version} is not that of stegwatch_build_info`],
  uptime_seconds: ({ page, samples }) => {
    const startS = samples.get('process_start_time_seconds{}')!;
    const ageS = Date.parse(page.at) / 1000 - startS;
    return Math.abs(ageS - page.uptime_seconds) <= 2
      ? []
      : [`uptime ${page.uptime_seconds}, and the process is ${ageS} s old`];
  },
  mood: ({ page, samples }) => {
    const isBad = page.sentences.some(({ mood }) => mood === 'bad');
    return [
      ...same('bad', page.mood === 'bad', { sentences: isBad }),
      ...(samples.get('stegwatch_ready{}') === 1 || isBad
        ? []
        : ['not ready, and the mood is not bad']),
    ];
  },
  'sentences[].part': ({ page, samples }) => {
    const parts = page.sentences.map(({ part }) => part);
    const labels = (name: string) =>
      [...samples.keys()].flatMap((key) => {
        const [, label] = new RegExp(`^stegwatch_${name}{\\w+="(.*)"}$`).exec(key) ?? [];
        return label === undefined ? [] : [label];
      });
    const feeds = seriesOf(samples, 'feed_events_total').length;
    return [
      ...same('outputs', parts.filter((part) => part.startsWith('output ')).join(), {
        metrics: labels('spool_size_bytes')
          .map((name) => `output ${name}`)
          .join(),
      }),
      ...same('baselines', parts.filter((part) => part.startsWith('baseline, ')).join(), {
        metrics: labels('baseline_ready')
          .map((name) => `baseline, ${name}`)
          .join(),
      }),
      ...same('feeds', parts.filter((part) => part.startsWith('feed ')).length, {
        metrics: Math.min(feeds, maxFeedsShown),
      }),
    ];
  },
  'sentences[].mood': ({ page, samples }) => {
    const bad = (pattern: RegExp) =>
      page.sentences.filter(({ part, mood }) => pattern.test(part) && mood === 'bad').length;
    const sum = (name: string) => seriesOf(samples, name).reduce((a, b) => a + b, 0);
    return [
      ...same('intake is bad', bad(/^intake$/) > 0, {
        metrics:
          samples.get('stegwatch_ready{}') === 0 ||
          seriesOf(samples, 'input_listening').includes(0),
      }),
      ...same('bad feeds', bad(/^feed /), { metrics: sum('feed_warning') }),
    ];
  },
  'sentences[].text': ({ page, samples }) => {
    const intake = page.sentences.find(({ part }) => part === 'intake')!.text;
    const listening = [...samples].flatMap(([key, value]) => {
      const [, name] = /^stegwatch_input_listening{input="(.*)"}$/.exec(key) ?? [];
      return name !== undefined && value === 1 ? [name] : [];
    });
    return [
      ...same('intake', intake, { metrics: `events are taken in: ${listening.join(', ')}` }),
      ...page.sentences.flatMap((sentence) => wrongFigures(sentence, samples)),
    ];
  },
  'rates[][0]': { none: 'the end of a step of the chart: what the two others are reckoned with' },
  'rates[][1]': ofRates(1, 'events'),
  'rates[][2]': ofRates(2, 'jpeg_events'),
  'baselines[].direction': ({ page, stopped }) =>
    same('directions', page.baselines.map((one) => one.direction).join(), {
      log: ['baseline', 'upload_baseline']
        .filter((name) => name in stopped)
        .map((name) => (name === 'baseline' ? 'download' : 'upload'))
        .join(),
    }),
  'baselines[].ready': ofBaseline('ready', 'ready', (ready) => ready === 1, 'ready'),
  'baselines[].threshold_bytes': ofBaseline(
    'threshold_bytes',
    'threshold_bytes',
    asIs,
    'threshold_bytes',
  ),
  'baselines[].samples': ofBaseline('samples', 'samples', asIs, 'samples'),
  'baselines[].hours': ofBaseline('hours', 'history_seconds', (s) => s! / 3600, 'hours'),
  'baselines[].known_hosts': ofBaseline('known_hosts', 'hosts', asIs, null, ',state="known"'),
  'baselines[].pending_hosts': ofBaseline('pending_hosts', 'hosts', asIs, null, ',state="pending"'),
  'baselines[].new_hosts': ofBaseline('new_hosts', 'new_hosts', asIs, null),
  'baselines[].max_hosts': ofBaseline('max_hosts', 'max_hosts', asIs, null),
  'baselines[].sizes[][0]': ({ page }) =>
    page.baselines
      .flatMap(({ sizes }) => sizes.map(([log2], i) => log2 === sizes[0]![0] + i / 2))
      .every(Boolean)
      ? []
      : ['the bins of the histogram do not follow each other'],
  'baselines[].sizes[][1]': ({ page, samples }) =>
    page.baselines.flatMap(({ direction, sizes, threshold_bytes }) => {
      const all = sizes.reduce((sum, [, count]) => sum + count, 0);
      // The threshold is one of the sizes, in a bin that is not empty.
      const bin = sizes.find(
        ([log2]) =>
          threshold_bytes !== null &&
          threshold_bytes > 2 ** log2 &&
          threshold_bytes <= 2 ** (log2 + 0.5),
      );
      return [
        ...same(`sizes, ${direction}`, all, {
          metrics: samples.get(`stegwatch_baseline_samples{direction="${direction}"}`),
        }),
        ...same('the bin of the threshold', threshold_bytes === null || bin![1] > 0, { is: true }),
      ];
    }),
  'alerts[].number': ({ page, samples, stopped }) => {
    const { alerts } = page;
    const number = (name: string) => (stopped[name] as number | undefined) ?? 0;
    const metrics = [
      ...seriesOf(samples, 'alerts_total'),
      ...seriesOf(samples, 'suppressed_alerts_total'),
    ];
    const all = metrics.reduce((a, b) => a + b, 0);
    return [
      ...same('alerts', alerts[0]?.number ?? 0, {
        metrics: all,
        log: number('alerts') + number('alerts_excluded') + number('alerts_repeated'),
      }),
      ...same('alerts listed', alerts.length, { counted: Math.min(all, maxAlerts) }),
    ];
  },
  'alerts[].level': byCount(
    ({ level, suppressed }) => (suppressed === null ? level : null),
    (level) => [`alerts_total{level="${level}"}`, `alerts_${level}`],
    ['low', 'medium', 'high', 'critical'],
  ),
  'alerts[].suppressed.by': byCount(
    ({ suppressed }) => suppressed?.by ?? null,
    (by) => [
      `suppressed_alerts_total{by="${by}"}`,
      by === 'exclusion' ? 'alerts_excluded' : 'alerts_repeated',
    ],
    ['exclusion', 'repeat'],
  ),
  'alerts[].at': {
    none: 'when it was judged by the clock of the machine; records have the time of the event',
  },
  'alerts[].host': asRaised('host'),
  'alerts[].filename': asRaised('filename'),
  'alerts[].url': asRaised('url'),
  'alerts[].account': asRaised('account'),
  'alerts[].direction': asRaised('direction'),
  'alerts[].reason': asRaised('reason'),
  'alerts[].bytes': asRaised('bytes'),
  'alerts[].threshold_bytes': (seen) => [
    ...asRaised('threshold_bytes')(seen),
    ...seen.page.alerts.flatMap(({ direction, threshold_bytes }) =>
      same('threshold of an alert', threshold_bytes, {
        metrics: seen.samples.get(`stegwatch_baseline_threshold_bytes{direction="${direction}"}`),
      }),
    ),
  ],
  'alerts[].suppressed.name': asHeldBack('name'),
  'alerts[].suppressed.reason': asHeldBack('reason'),
};

/** What differs, of all that can be compared. */
export function differences(seen: Seen): readonly string[] {
  return Object.entries(counterparts).flatMap(([path, check]) =>
    typeof check === 'function' ? check(seen).map((words) => `${path}: ${words}`) : [],
  );
}

/**
 * What is counted, in steps of known length but the first, for which nothing had come. A rate is rounded to a
 * tenth, so a step of 5 s that is not empty may be off by a quarter of an event.
 */
export function sumOfRates({ rates }: Snapshot, place: 1 | 2): { sum: number; offBy: number } {
  let sum = 0;
  let offBy = 1e-6;
  for (const [i, step] of rates.entries()) {
    if (step[place] === 0) continue;
    const seconds = (step[0] - rates[i - 1]![0]) / 1000;
    sum += step[place] * seconds;
    offBy += 0.05 * seconds;
  }
  return { sum, offBy };
}

function ofRates(place: 1 | 2, name: string): Check {
  return ({ page, samples, stopped }) => {
    const { sum, offBy } = sumOfRates(page, place);
    return [samples.get(`stegwatch_${name}_total{}`), stopped[name]].flatMap((value) =>
      Math.abs(sum - Number(value)) <= offBy ? [] : [`${sum} in all, and ${value} are counted`],
    );
  };
}

/** @param explainedAs null: `explain` does not tell it */
function ofBaseline(
  key: Exclude<keyof ShownBaseline, 'sizes' | 'direction'>,
  metric: string,
  read: (value: number | undefined) => unknown,
  explainedAs: string | null,
  labels = '',
): Check {
  return ({ page, samples, stopped, explained }) =>
    page.baselines.flatMap((baseline) => {
      const { direction } = baseline;
      const log = stopped[direction === 'download' ? 'baseline' : 'upload_baseline'];
      const asked = explainedAs === null ? undefined : explained?.[direction];
      return same(`${direction}`, baseline[key], {
        metrics: read(
          samples.get(`stegwatch_baseline_${metric}{direction="${direction}"${labels}}`),
        ),
        log: (log as Record<string, unknown>)[key],
        ...(asked !== undefined && { explain: asked[explainedAs!] }),
      });
    });
}

/** A metric that has nothing to say is null on the page. */
function asIs(value: number | undefined): number | null {
  return value ?? null;
}

type ShownAlert = Snapshot['alerts'][number];

/** Where the page has them all. */
function byCount(
  kindOf: (alert: ShownAlert) => string | null,
  namesOf: (kind: string) => readonly [metric: string, log: string],
  kinds: readonly string[],
): Check {
  return ({ page, samples, stopped }) => {
    if ((page.alerts[0]?.number ?? 0) > maxAlerts) return [];
    return kinds.flatMap((kind) => {
      const [metric, log] = namesOf(kind);
      return same(kind, page.alerts.filter((alert) => kindOf(alert) === kind).length, {
        metrics: samples.get(`stegwatch_${metric}`),
        log: stopped[log] ?? 0,
      });
    });
  };
}

/** As in the records of the same events, the newest first. */
function asRaised(key: keyof ShownAlert): Check {
  return ({ page, raised }) =>
    page.alerts
      .filter(({ suppressed }) => suppressed === null)
      .flatMap((alert, i) =>
        same(`alert ${alert.number}`, alert[key], { record: raised.at(-1 - i)?.[key] ?? '' }),
      );
}

function asHeldBack(key: keyof NonNullable<ShownAlert['suppressed']>): Check {
  return ({ page, heldBack }) =>
    page.alerts
      .filter(({ suppressed }) => suppressed !== null)
      .flatMap(({ number, suppressed }, i) =>
        same(`alert ${number}`, suppressed![key], { record: heldBack.at(-1 - i)?.[key] ?? '' }),
      );
}

function same(what: string, shown: unknown, others: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(others).flatMap(([where, other]) =>
    Object.is(shown, other) ? [] : [`${what}: ${shown} on the page, ${other} by ${where}`],
  );
}
