/** The parts of an explanation, and how event text is put into it: bounded, and harmless to a terminal. */

import { bytesInWords } from '../../detect/alert/reason.js';
import { quote } from '../../detect/exclusions/quote.js';
import type { Fields } from '../../fields.js';
import { count } from '../../observe/counted.js';

/** In the order in which they are told. */
export const stepNames = [
  'parsed',
  'time',
  'feed',
  'jpeg',
  'direction',
  'skip',
  'size',
  'host',
  'baseline',
  'comparison',
  'host_state',
  'mismatch',
  'level',
  'exclusions',
  'repeats',
  'learning',
] as const;
export type StepName = (typeof stepNames)[number];

/** What a step found, in words and as data. */
export interface Told {
  /** Event text in them is quoted, escaped and bounded. */
  readonly lines: readonly string[];
  /** Event text in it is as received, but bounded. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Step extends Told {
  readonly step: StepName;
  /** False: something before it decided, and `lines` say what. */
  readonly reached: boolean;
}

export { quote };

/** UTF-16 units of event text in the facts. */
const maxFact = 1000;

/** Event text as a fact. */
export function bounded(text: string): string {
  if (text.length <= maxFact) return text;
  return `${text.slice(0, maxFact - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** A field of the event: `dhost="cdn.example"`. */
export function fieldInWords(fields: Fields, index: number): string {
  const key = fields.key(index);
  return `${key.length > 100 ? quote(key) : key}=${quote(fields.trimmed(index))}`;
}

export function fieldFact(fields: Fields, index: number) {
  return { key: bounded(fields.key(index)), value: bounded(fields.trimmed(index)) };
}

/** `1.4 MiB (1,468,006 bytes)`. */
export function sizeInWords(bytes: number): string {
  const exact = `${count(bytes)} byte${bytes === 1 ? '' : 's'}`;
  return bytes < 1024 ? exact : `${bytesInWords(bytes)} (${exact})`;
}

export function momentInWords(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function minuteInWords(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `hour of 2026-11-24 04:00 UTC`. */
export function hourInWords(ms: number): string {
  return `hour of ${minuteInWords(ms)}`;
}

export function moment(ms: number): string | null {
  return Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? null : new Date(ms).toISOString();
}

const maxListed = 12;

/** `a, b or c`; of many the first few. */
export function anyOf(texts: readonly string[]): string {
  if (texts.length > maxListed) {
    const more = texts.length - maxListed;
    return `${texts.slice(0, maxListed).join(', ')} or ${more} more`;
  }
  return texts.length < 2
    ? (texts[0] ?? 'nothing')
    : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;
}
