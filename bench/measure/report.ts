/** What was measured, as tables: medians over the runs, and how far the runs lie apart. */
import type { PeerComparison } from '../peers/compare.js';
import type { FlatnessResult } from './flatness.js';
import { flatnessGoal } from './flatness.js';
import type { Figures } from './measure.js';
import type { Pair, VariantResult } from './rounds.js';
import { median, summary } from './statistics.js';
import { asMarkdown, asText, type Table } from './table.js';
import type { UdpSoakResult } from './udp-soak.js';
import { describe } from './variants.js';

export interface Results {
  readonly variants: readonly VariantResult[];
  readonly flatness: readonly FlatnessResult[] | null;
  readonly udpSoak: UdpSoakResult | null;
  readonly peers: PeerComparison | null;
}

/** Facts of the machine and of the run, by their names. */
export type Facts = Readonly<Record<string, string>>;

export function textReport(facts: Facts, results: Results): string {
  const head = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
  return `${[head.join('\n'), ...tables(results).map(asText)].join('\n\n')}\n`;
}

export function markdownReport(facts: Facts, results: Results): string {
  const head = Object.entries(facts).map(([name, value]) => `- ${name}: ${value}`);
  return `${[head.join('\n'), ...tables(results).map(asMarkdown)].join('\n\n')}\n`;
}

function tables({ variants, flatness, udpSoak, peers }: Results): readonly Table[] {
  return [
    ...(variants.length > 0 ? [costs(variants), delays(variants)] : []),
    ...(flatness ? [flat(flatness)] : []),
    ...(udpSoak ? [soak(udpSoak)] : []),
    ...(peers ? [comparison(peers)] : []),
  ];
}

/** A budget is held or missed by the median of as many. */
const enoughRuns = 5;

function costs(results: readonly VariantResult[]): Table {
  return {
    title: 'Cost of an event',
    columns: [
      'variant',
      'ratio to the bare loop',
      'budget',
      'CPU us/event',
      'user + system',
      'bare loop us/event',
      'events/s',
      'peak RSS MiB',
      'GC',
      'what',
    ],
    rows: results.map(({ variant, pairs }) => {
      const of = (value: (figures: Figures) => number): number =>
        median(pairs.map(({ figures }) => value(figures)));
      const ratios = summary(pairs.map(ratio));
      return [
        variant.name,
        spread(ratios, 2),
        variant.budget === null ? '' : within(ratios.median, variant.budget, variant.budget),
        spread(summary(pairs.map(({ figures }) => figures.cpuMicros)), 2),
        `${of((f) => f.userMicros).toFixed(2)} + ${of((f) => f.systemMicros).toFixed(2)}`,
        spread(summary(pairs.map(({ bare }) => bare.cpuMicros)), 2),
        whole(of((f) => f.perSecond)),
        Math.max(...pairs.map(({ figures }) => figures.peakMiB)).toFixed(0),
        `${percent(of((f) => f.gc?.share ?? 0))}, ${of((f) => f.gc?.count ?? 0)} times`,
        describe(variant),
      ];
    }),
    notes: [
      'Medians over the runs, in parentheses the least and the most; of RSS the most.',
      ...(results.some(({ pairs }) => pairs.length < enoughRuns)
        ? [
            `Fewer than ${enoughRuns} runs: on a machine that does other things too, a budget may be missed by chance.`,
          ]
        : []),
    ],
  };
}

function delays(results: readonly VariantResult[]): Table {
  return {
    title: 'Delays, milliseconds',
    columns: ['variant', 'loop p50', 'p99', 'p99.9', 'max', 'receipt to ack p50', 'p99', 'lost'],
    rows: results.map(({ variant, pairs }) => {
      const loop = pairs.flatMap(({ figures }) => figures.loopDelay ?? []);
      const latency = pairs.flatMap(({ figures }) => figures.latency ?? []);
      const lost = pairs.map(({ figures }) => figures.sent.sent - figures.events);
      return [
        variant.name,
        median(loop.map(({ p50 }) => p50)).toFixed(1),
        median(loop.map(({ p99 }) => p99)).toFixed(1),
        median(loop.map(({ p999 }) => p999)).toFixed(1),
        Math.max(...loop.map(({ max }) => max)).toFixed(1),
        latency.length === 0 ? '' : String(median(latency.map(({ p50 }) => p50))),
        latency.length === 0 ? '' : String(median(latency.map(({ p99 }) => p99))),
        lost.join(', '),
      ];
    }),
    notes: ['Medians over the runs; of "max" the most; "lost" of each run, which only UDP can.'],
  };
}

function flat(results: readonly FlatnessResult[]): Table {
  return {
    title: 'Does an event cost more when there is more?',
    columns: ['of what', 'from', 'to', 'CPU us/event', 'change', 'budget'],
    rows: results.map(({ what, from, to, fromMicros, toMicros, change }) => [
      what,
      whole(from),
      whole(to),
      `${fromMicros.toFixed(2)}, then ${toMicros.toFixed(2)}`,
      `${percent(change.median)} (${percent(change.min)} to ${percent(change.max)})`,
      within(change.median, flatnessGoal, percent(flatnessGoal)),
    ]),
    notes: ['Changes are of the same run; median over the runs, the least and the most.'],
  };
}

function soak(result: UdpSoakResult): Table {
  const { account, figures } = result;
  const lost = account.sent - account.arrived;
  const counted = figures.sent.sent - figures.events;
  return {
    title: 'UDP',
    columns: ['figure', 'value'],
    rows: [
      ['asked for', `${whole(result.wantedRate)}/s`],
      ['sent', `${whole(result.sentRate)}/s for ${result.seconds.toFixed(1)} s`],
      ['most at once', whole(result.maxBurst)],
      ['sent, warm-up included', whole(account.sent)],
      ['received', whole(account.receivedFrames)],
      ['dropped by the kernel', whole(account.kernelDrops)],
      ['dropped as the spool was full', whole(account.droppedFull)],
      ['unexplained', whole(account.unexplained)],
      ['arrived at the sink', whole(account.arrived)],
      ['lost, warm-up included', lost === 0 ? 'none' : whole(lost)],
      ['lost of the counted', counted === 0 ? 'none' : whole(counted)],
      ['CPU us/event', figures.cpuMicros.toFixed(2)],
      ['peak RSS MiB', figures.peakMiB.toFixed(0)],
      ['loop delay max, ms', figures.loopDelay?.max.toFixed(1) ?? ''],
      ...result.warnings.map((warning) => ['warned', warning]),
    ],
  };
}

function comparison({ ours, oursInMemory, bare, peers }: PeerComparison): Table {
  const cpu = (all: readonly Figures[]): readonly number[] => all.map((f) => f.cpuMicros);
  const ratios = (some: readonly Figures[], others: readonly Figures[]): string =>
    spread(summary(cpu(some).map((micros, i) => micros / cpu(others)[i]!)), 2);
  const row = (name: string, what: string, all: readonly Figures[]): readonly string[] => [
    name,
    spread(summary(cpu(all)), 2),
    ratios(all, bare),
    ratios(ours, all),
    ratios(oursInMemory, all),
    whole(median(all.map(({ perSecond }) => perSecond))),
    Math.max(...all.map(({ peakMiB }) => peakMiB)).toFixed(0),
    what,
  ];
  return {
    title: 'Other programs on the same workload',
    columns: [
      'program',
      'CPU us/event',
      'ratio to the bare loop',
      'ours to it',
      'ours, memory and no acks, to it',
      'events/s',
      'peak RSS MiB',
      'what',
    ],
    rows: [
      row('bare loop', 'the same parse, nothing else', bare),
      row('stegwatch', 'parsed, judged, spooled on disk, acked', ours),
      row('stegwatch, memory, no acks', 'parsed, judged', oursInMemory),
      ...peers.map(({ mode, peer }) => row(`${mode.peer}/${mode.mode}`, mode.what, peer)),
    ],
    notes: ['One TCP connection. Ratios are of the same run: below 1 the first costs less.'],
  };
}

function ratio({ figures, bare }: Pair): number {
  return figures.cpuMicros / bare.cpuMicros;
}

function spread(of: { median: number; min: number; max: number }, digits: number): string {
  const { median, min, max } = of;
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;
}

function within(value: number, budget: number, words: number | string): string {
  return `${words}: ${value <= budget ? 'held' : 'missed'}`;
}

function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
