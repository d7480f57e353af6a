/**
 * The kinds of values that the keys of the schema share. A kind says what it wants ("must be …");
 * what it got is added where the message is made (issues.ts), since only there a secret is known.
 */
import { BlockList, isIP, isIPv4 } from 'node:net';
import { z } from 'zod';
import { dayPattern, hostNamePattern, ipAddressPattern, networkPattern } from './patterns.js';
import {
  durationForm,
  durationPattern,
  formatDuration,
  formatSize,
  hourMs,
  parseDuration,
  parseSize,
  sizeForm,
  sizePattern,
} from './units.js';

/**
 * What JSON Schema says of a value that code tests: never stricter than the code. `words` is what editors
 * show instead of the pattern.
 */
export function checkedBy(pattern: string, words: string) {
  return { pattern, patternErrorMessage: words };
}

/** A section may be empty (all its keys commented out), which YAML reads as null. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const map = z.strictObject(shape);
  return map.nullish().transform((value) => value ?? map.parse({}));
}

/** Bytes in the parsed config. */
export function size(min: number, max: number) {
  return quantity(parseSize, formatSize, sizeForm, sizePattern(min, max), min, max);
}

/** Milliseconds in the parsed config. */
export function duration(min: number, max: number) {
  return quantity(parseDuration, formatDuration, durationForm, durationPattern(min, max), min, max);
}

/** Whole hours, given as a duration; a number of hours in the parsed config. */
export function hours(min: number, max: number) {
  return duration(min * hourMs, max * hourMs).transform((ms, context) => {
    if (ms % hourMs === 0) return ms / hourMs;
    context.addIssue({ code: 'custom', message: 'must be whole hours' });
    return z.NEVER;
  });
}

function quantity(
  parse: (text: string) => number | null,
  format: (value: number) => string,
  form: string,
  pattern: string,
  min: number,
  max: number,
) {
  const error = `must be ${form}; a number alone does not say its unit`;
  const range = `must be ${format(min)} to ${format(max)}`;
  const text = z.string({ error }).meta(checkedBy(pattern, `${range}: ${form}`));
  const input = min === 0 ? z.union([z.literal(0), text], { error }) : text;
  return input.transform((value, context) => {
    const parsed = value === 0 ? 0 : parse(value);
    if (parsed !== null && parsed >= min && parsed <= max) return parsed;
    context.addIssue({ code: 'custom', message: parsed === null ? `must be ${form}` : range });
    return z.NEVER;
  });
}

export function wholeNumber(min: number, max: number) {
  const error = `must be ${min} to ${max}`;
  return z.number().int().min(min, { error }).max(max, { error });
}

/** 0 = any free port. */
export const port = wholeNumber(0, 65_535);

/** The address of a listener. A name is refused, since it may stand for several addresses. */
export const ipAddress = tested(
  (text) => isIP(text) > 0,
  'must be an IP address, such as 127.0.0.1 or "::"',
  ipAddressPattern,
);

/** What a server is reached by: an IP address or a name. */
export const hostName = tested(
  (text) => isIP(text) > 0 || (text.length <= 253 && /^[\w-]+(\.[\w-]+)*\.?$/.test(text)),
  'must be a host name or an IP address, without scheme or port',
  hostNamePattern,
);

/** `10.0.0.0/8`, `fd00::/8` or one address. */
export const network = tested(
  isNetwork,
  'must be a network such as 10.0.0.0/8 or fd00::/8, or an IP address',
  networkPattern,
);

/** Text that passes a test of ours. @param pattern for JSON Schema: what passes, and perhaps more */
function tested(test: (text: string) => boolean, words: string, pattern: string) {
  return z.string().refine(test, words).meta(checkedBy(pattern, words));
}

function isNetwork(text: string): boolean {
  const [, address = '', prefix] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (isIP(address) === 0) return false;
  try {
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const bits = family === 'ipv4' ? 32 : 128;
    new BlockList().addSubnet(address, prefix === undefined ? bits : Number(prefix), family);
    return true;
  } catch {
    return false;
  }
}

/** A text of 1 to `max` characters without control characters. */
export function line(max: number) {
  return spelled(/^[^\x00-\x1f\x7f-\x9f]+$/, 'must be one line of text, not empty', max);
}

/** Text that has a form, in words that editors show too. */
export function spelled(form: RegExp, words: string, max?: number) {
  const text = max === undefined ? z.string() : z.string().max(max);
  return text.regex(form, words).meta({ patternErrorMessage: words });
}

/** The last millisecond (epoch) of that UTC day. The core schema of YAML leaves dates as text. */
const day = z.string().meta(checkedBy(dayPattern, 'must be a date of the calendar: YYYY-MM-DD'));
export const lastDay = day.transform((text, context) => {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T23:59:59.999Z`) : Number.NaN;
  // Date.parse would roll 2027-02-30 over into March.
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)) return ms;
  context.addIssue({ code: 'custom', message: 'must be a date of the calendar: YYYY-MM-DD' });
  return z.NEVER;
});

const momentWords = 'must be a moment in UTC, such as 2026-01-31T12:00:00Z';
const momentForm = '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$';
const momentText = z.string().meta(checkedBy(momentForm, momentWords));
/** Epoch ms of a moment in UTC, to the second. */
export const moment = momentText.transform((text, context) => {
  const ms = new RegExp(momentForm).test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse would roll 30 February over into March.
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text.slice(0, -1))) return ms;
  context.addIssue({ code: 'custom', message: momentWords });
  return z.NEVER;
});

/** The offset of a zone from UTC: `+02:00`, `-0530`. Zones of the earth are -12:00 to +14:00. */
const offsetForm = /^(?:[+-](?:0\d|1[01]):?[0-5]\d|-12:?00|\+1[23]:?[0-5]\d|\+14:?00)$/;

/** A number would be octal or a base-60 number to one YAML reader or another (C42): text only. */
const zoneWords = 'must be a zone such as Europe/Berlin, UTC or "+02:00"';
export const timeZone = z
  .string({ error: 'must be text in quotes, such as "Europe/Berlin" or "+02:00"' })
  .refine(isTimeZone, zoneWords)
  .meta(checkedBy(`${offsetForm.source}|^[A-Za-z]`, zoneWords));

function isTimeZone(text: string): boolean {
  if (offsetForm.test(text)) return true;
  try {
    return /^[A-Za-z]/.test(text) && new Intl.DateTimeFormat('en', { timeZone: text }) !== null;
  } catch {
    return false;
  }
}
