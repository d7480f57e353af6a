/**
 * Sizes and durations as people write them. A number without a unit is refused (64 what?), save 0.
 * Sizes have binary units only: `MB` means 10^6 to some and 2^20 to others, `MiB` one thing to all.
 */
import { quantityPattern } from './patterns.js';

const sizeUnits = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export const hourMs = durationUnits.h;
export const dayMs = durationUnits.d;

/** What a size must look like, for messages. */
export const sizeForm = 'a size with its unit (B, KiB, MiB, GiB or TiB), such as 64KiB';
/** What a duration must look like, for messages. */
export const durationForm = 'a duration with its unit (ms, s, m, h or d), such as 30s';

/** Bytes, or null if `text` is not a size of whole bytes with a unit. */
export function parseSize(text: string): number | null {
  return parse(text, sizeUnits);
}

/** Milliseconds, or null if `text` is not a duration of whole milliseconds with a unit. */
export function parseDuration(text: string): number | null {
  return parse(text, durationUnits);
}

/** For JSON Schema: what `parseSize` takes, from `min` to `max` bytes. */
export function sizePattern(min: number, max: number): string {
  return quantityPattern(sizeUnits, min, max);
}

/** The same of `parseDuration`, in ms. */
export function durationPattern(min: number, max: number): string {
  return quantityPattern(durationUnits, min, max);
}

function parse(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(\d{1,16}(?:\.\d{1,6})?) ?([A-Za-z]{1,3})$/.exec(text.trim());
  if (match === null) return text.trim() === '0' ? 0 : null;
  const [, amount = '', unit = ''] = match;
  const factor = Object.hasOwn(units, unit) ? units[unit]! : Number.NaN;
  const value = Number(amount) * factor;
  return Number.isSafeInteger(value) ? value : null;
}

/** The size in the largest unit that gives a whole number: 65536 -> `64KiB`. */
export function formatSize(bytes: number): string {
  return format(bytes, sizeUnits);
}

/** The duration in the largest unit that gives a whole number: 90000 -> `90s`. */
export function formatDuration(ms: number): string {
  return format(ms, durationUnits);
}

function format(value: number, units: Readonly<Record<string, number>>): string {
  const [smallest, ...larger] = Object.entries(units);
  const [unit, factor] =
    value === 0 ? smallest! : (larger.findLast(([, f]) => value % f === 0) ?? smallest!);
  return `${value / factor}${unit}`;
}
