/**
 * Sigma's plain values: `*` is any text, `?` one character, and a backslash takes away the meaning
 * of a following `*`, `?` or backslash; any other backslash is itself (Sigma rules specification
 * 2.0, "String Wildcard" and "Escaping").
 */
import { RE2JS } from 're2js';
import { compileRegex } from './regex.js';
import { fold, type TextTest } from './value-set.js';

/** Where in the value the text must stand. */
export type Place = 'whole' | 'start' | 'end' | 'inside';

/** Literal text, or a wildcard. */
type Token = string | typeof any | typeof one;
const any = Symbol('*');
const one = Symbol('?');

/** The value's one text if it holds no wildcard, else null. */
export function literalOf(value: string): string | null {
  if (!/[\\*?]/.test(value)) return value;
  const tokens = tokensOf(value);
  return tokens.length === 1 && typeof tokens[0] === 'string' ? tokens[0] : null;
}

export function compileWildcards(value: string, place: Place, cased: boolean): TextTest | string {
  const first = compileTokens(tokensOf(value), place, cased);
  if (typeof first === 'string' || !isShareName(value)) return first;
  const second = compileTokens(shareTokensOf(value), place, cased);
  if (typeof second === 'string') return second;
  return (text) => first(text) || second(text);
}

/**
 * True for `\\server\share` as people write it. To the letter of Sigma its two leading backslashes
 * are one and `\*` is a star, which no Windows path can hold; so such a value is also read as it
 * looks.
 */
export function isShareName(value: string): boolean {
  return /^\\\\[^\\*?]/.test(value);
}

/** As it looks: a run of backslashes before a wildcard is one separator, and the wildcard one. */
function shareTokensOf(value: string): readonly Token[] {
  const separated = value.slice(2).replace(/\\+(?=[*?])/g, '\\\\');
  return tokensOf(`\\\\\\\\${separated}`);
}

function tokensOf(value: string): readonly Token[] {
  const tokens: Token[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') tokens.push(literal);
    literal = '';
  };
  for (let i = 0; i < value.length; i++) {
    const c = value[i]!;
    const next = value[i + 1];
    if (c === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next;
      i++;
    } else if (c === '*') {
      flush();
      if (tokens.at(-1) !== any) tokens.push(any);
    } else if (c === '?') {
      flush();
      tokens.push(one);
    } else {
      literal += c;
    }
  }
  flush();
  return tokens;
}

function compileTokens(written: readonly Token[], place: Place, cased: boolean): TextTest | string {
  const tokens = written.map((t) => (typeof t === 'string' && !cased ? fold(t) : t));
  if ((place === 'end' || place === 'inside') && tokens[0] !== any) tokens.unshift(any);
  if ((place === 'start' || place === 'inside') && tokens.at(-1) !== any) tokens.push(any);
  const opens = tokens[0] === any;
  const closes = tokens.at(-1) === any;
  const middle = tokens.slice(opens ? 1 : 0, closes ? -1 : undefined);
  if (middle.length === 0) return opens ? () => true : ({ text }) => text === '';
  const [literal] = middle;
  if (middle.length > 1 || typeof literal !== 'string') return compilePattern(tokens, cased);
  const textOf: (value: Parameters<TextTest>[0]) => string = cased
    ? ({ text }) => text
    : ({ folded }) => folded;
  if (opens && closes) return (value) => textOf(value).includes(literal);
  if (opens) return (value) => textOf(value).endsWith(literal);
  if (closes) return (value) => textOf(value).startsWith(literal);
  return (value) => textOf(value) === literal;
}

/** Wildcards between texts: as a regular expression, so that hostile text costs linear time. */
function compilePattern(tokens: readonly Token[], cased: boolean): TextTest | string {
  const pattern = tokens
    .map((t) => (typeof t === 'string' ? RE2JS.quote(t) : t === any ? '.*' : '.'))
    .join('');
  const regex = compileRegex(`^(?s:${pattern})$`, 0);
  if (typeof regex === 'string') return regex;
  return cased ? ({ text }) => regex(text) : ({ folded }) => regex(folded);
}
