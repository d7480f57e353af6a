/**
 * Patterns for JSON Schema, where the code tests a value by more than a regular expression. Each takes all
 * that the code takes; what it takes beyond that, `validate` finds. ECMA-262, for the `u` flag too.
 */

/** IPv4 to the letter; of IPv6 the characters, and a zone after `%`. */
const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = `(?:${octet}\\.){3}${octet}`;
const ipv6 = '[\\dA-Fa-f]*:[\\dA-Fa-f:.]*';

export const ipAddressPattern = `^(?:${ipv4}|${ipv6}(?:%.+)?)$`;
export const networkPattern =
  `^(?:${ipv4}(?:/(?:0{0,2}\\d|0?[12]\\d|0?3[0-2]))?|` +
  `${ipv6}(?:/(?:\\d{1,2}|0\\d\\d|1[01]\\d|12[0-8]))?)$`;
export const hostNamePattern = `^(?:(?=.{1,253}$)[\\w-]+(?:\\.[\\w-]+)*\\.?|${ipv6}(?:%.+)?)$`;

/** Every day of the calendar, and 29 February of every year. */
export const dayPattern =
  '^\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|' +
  '(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|[12]\\d))$';

/** An amount in one of these units. A whole one is within bounds; of fractions only the form is told. */
export function quantityPattern(
  units: Readonly<Record<string, number>>,
  min: number,
  max: number,
): string {
  const whole = Object.entries(units).flatMap(([unit, factor]) => {
    const numbers = wholeNumbers(Math.ceil(min / factor), Math.floor(max / factor));
    return numbers === '' ? [] : [`(?:${numbers}) ?${unit}`];
  });
  const fraction = `\\d{1,16}\\.\\d{1,6} ?(?:${Object.keys(units).join('|')})`;
  const zero = min === 0 ? ['0'] : [];
  return `^\\s*(?:${[...zero, `(?=\\d{1,16}\\D)0*(?:${whole.join('|')})`, fraction].join('|')})\\s*$`;
}

/** Whole numbers from `min` to `max` without zeros in front; '' if there is none. */
function wholeNumbers(min: number, max: number): string {
  if (min > max) return '';
  const alternatives: string[] = [];
  // Of one length each, since only then is the order of digits that of numbers.
  for (let length = `${min}`.length; length <= `${max}`.length; length++) {
    const least = Math.max(min, length === 1 ? 0 : 10 ** (length - 1));
    const most = Math.min(max, 10 ** length - 1);
    alternatives.push(between(`${least}`, `${most}`));
  }
  return alternatives.join('|');
}

/** Numbers of as many digits as both have. */
function between(least: string, most: string): string {
  if (least === '') return '';
  const [a, b] = [Number(least[0]), Number(most[0])];
  const [lower, upper] = [least.slice(1), most.slice(1)];
  if (a === b) return `${a}${group(between(lower, upper))}`;
  const free = /^0*$/.test(lower) ? a : a + 1;
  const full = /^9*$/.test(upper) ? b : b - 1;
  const alternatives: string[] = [];
  if (free > a) alternatives.push(`${a}${group(between(lower, '9'.repeat(lower.length)))}`);
  if (free <= full) {
    const first = free === full ? `${free}` : `[${free}-${full}]`;
    alternatives.push(`${first}${lower.length === 0 ? '' : `\\d{${lower.length}}`}`);
  }
  if (full < b) alternatives.push(`${b}${group(between('0'.repeat(upper.length), upper))}`);
  return alternatives.join('|');
}

function group(pattern: string): string {
  return pattern.includes('|') ? `(?:${pattern})` : pattern;
}
