/**
 * The numbers in the sentences of the status page, each with the metric that must say the same. A sentence with a
 * number of which nothing is known here is a mistake.
 */
import type { Sentence } from '../../src/admin/page/sentences.js';

export type Samples = ReadonlyMap<string, number>;

/** `$1` is what the part of the sentence is of: an output, a feed, a direction. */
interface Figures {
  readonly part: RegExp;
  readonly text: RegExp;
  /** Of each group in `text`: its metric without `stegwatch_`; or what else it says. */
  readonly of: readonly (string | ((samples: Samples, of: string) => number) | null)[];
}

const output = /^output (.*)$/;
const spool = /^spool of (.*)$/;
const baseline = /^baseline, (.*)$/;
const feed = /^feed (.*)$/;
const ofFeed = (name: string) => `feed_${name}{feed="$1"}`;
const ofOutput = (name: string) => `${name}{output="$1"}`;
const dropped = (reason: string) => `output_dropped_events_total{output="$1",reason="${reason}"}`;

export const maxFeedsShown = 20;

const figures: readonly Figures[] = [
  // Addresses; whether they listen is held against `input_listening` apart.
  { part: /^intake$/, text: /^events are taken in: (.*)$/, of: [null] },
  {
    part: output,
    text: /^([\d,]+) events? delivered/,
    of: [ofOutput('output_acked_events_total')],
  },
  {
    part: output,
    text: /([\d,]+) events? waits?, the oldest for (\d+ (?:s|min|h))/,
    // The age goes on between two answers.
    of: [ofOutput('spool_size_events'), null],
  },
  {
    part: output,
    text: /([\d,]+) attempts? failed/,
    of: [ofOutput('output_failed_connections_total')],
  },
  {
    part: output,
    text: /([\d,]+) events? refused and set aside/,
    of: [ofOutput('output_dead_letter_events_total')],
  },
  // Addresses and errors.
  { part: output, text: /last failure: (.*)$/, of: [null] },
  { part: output, text: /([\d,]+) events? DROPPED: refused/, of: [dropped('refused')] },
  { part: spool, text: /room for (\S+ \w+)/, of: [ofOutput('spool_max_size_bytes')] },
  {
    part: spool,
    text: /([\d,]+) events?, (\S+ \w+) of at most (\S+ \w+)/,
    of: ['spool_size_events', 'spool_size_bytes', 'spool_max_size_bytes'].map(ofOutput),
  },
  { part: spool, text: /([\d,]+) events? DROPPED since/, of: [dropped('spool_full')] },
  { part: spool, text: /([\d,]+) events? LOST: not to be read/, of: [dropped('spool_damaged')] },
  {
    part: baseline,
    text: /^ready: ([\d,]+) JPEGs in ([\d,]+) hours/,
    of: ['baseline_samples{direction="$1"}', hoursOf],
  },
  // What is needed is config.
  { part: baseline, text: /holds no JPEG with a size \(([\d,]+) needed\)/, of: [null] },
  {
    part: feed,
    text: /^([\d,]+) events?, ([\d,]+) of them JPEGs/,
    of: ['events_total', 'jpeg_events_total'].map(ofFeed),
  },
  {
    part: feed,
    text: /^none of ([\d,]+) JPEG events carries a size/,
    of: [ofFeed('jpeg_events_total')],
  },
  {
    part: /^(feeds)$/,
    text: /^([\d,]+) feeds? more/,
    of: [(samples) => seriesOf(samples, 'feed_events_total').length - maxFeedsShown],
  },
];

function hoursOf(samples: Samples, direction: string): number {
  return samples.get(`stegwatch_baseline_history_seconds{direction="${direction}"}`)! / 3600;
}

/** Values of all series of a metric. */
export function seriesOf(samples: Samples, name: string): readonly number[] {
  return [...samples]
    .filter(([key]) => key.startsWith(`stegwatch_${name}{`))
    .map(([, value]) => value);
}

/** What is wrong with the numbers in a sentence, in words; none: they are those of the metrics. */
export function wrongFigures({ part, text }: Sentence, samples: Samples): readonly string[] {
  const wrong: string[] = [];
  let rest = text;
  for (const one of figures) {
    const of = one.part.exec(part);
    const found = of && one.text.exec(rest);
    if (found === null) continue;
    rest = rest.replace(found[0], '');
    for (const [i, counterpart] of one.of.entries()) {
      if (counterpart === null) continue;
      const said = found[i + 1]!;
      const value = figureOf(counterpart, samples, of![1] ?? '');
      if (!says(said, value)) wrong.push(`${part}: ${said}, and ${counterpart} is ${value}`);
    }
  }
  if (/\d/.test(rest)) wrong.push(`${part}: "${rest}" has a number that nothing is known of`);
  return wrong;
}

function figureOf(
  of: string | ((samples: Samples, of: string) => number),
  samples: Samples,
  name: string,
) {
  if (typeof of === 'function') return of(samples, name);
  return samples.get(`stegwatch_${of.replace('$1', () => name)}`) ?? Number.NaN;
}

/** `1,234` is exact; of `1.5 MiB` the last digit that is shown is rounded. */
export function says(text: string, value: number): boolean {
  const [, number = '', unit] = /^([\d.,]+)(?: (\w+))?$/.exec(text) ?? [];
  const shown = Number(number.replaceAll(',', ''));
  if (number === '' || Number.isNaN(value)) return false;
  const power = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'].indexOf(unit ?? '') + 1;
  if (power === 0) return shown === value;
  const decimals = number.split('.')[1]?.length ?? 0;
  return Math.abs(value / 1024 ** power - shown) <= 0.5 / 10 ** decimals + 1e-9;
}
