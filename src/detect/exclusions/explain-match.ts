/** Why an exclusion matches an event, or how near it comes: for `stegwatch explain`. */
import { distance } from 'fastest-levenshtein';
import { nearest } from '../../nearest.js';
import type { EventValues, Held } from './event-values.js';
import type { CompiledMatch, FieldRule } from './field-rule.js';
import { quote } from './quote.js';
import { fold } from './value-set.js';

export interface FieldExplanation {
  /** As configured, modifiers included. */
  readonly field: string;
  /** What the event holds, printable and bounded: `"gimp.exe" (sproc)`; else `nothing (…)`. */
  readonly holds: string;
  /** `contains "Veeam" or "Acronis"`. */
  readonly wanted: string;
  readonly passed: boolean;
  /** In which way the event comes near; '' if the field passed, or if it does not. */
  readonly near: string;
}

export interface MatchExplanation {
  readonly matched: boolean;
  /** All fields but one passed, or what did not pass comes near. */
  readonly nearly: boolean;
  /** Position of the alternative that is told of, the one that comes nearest; from 0. */
  readonly alternative: number;
  readonly fields: readonly FieldExplanation[];
}

/** The event is the one that `values` has been started with. */
export function explainMatch(match: CompiledMatch, values: EventValues): MatchExplanation {
  const told = match.map((rules, alternative) => explainAll(rules, alternative, values));
  return told.reduce((best, next) => (missing(next) < missing(best) ? next : best));
}

function explainAll(
  rules: readonly FieldRule[],
  alternative: number,
  values: EventValues,
): MatchExplanation {
  const fields = rules.map((rule) => explainField(rule, values));
  const failed = fields.filter(({ passed }) => !passed);
  const near = failed.every(({ near }) => near !== '');
  const allButOne = failed.length === 1 && fields.length > 1;
  return {
    matched: failed.length === 0,
    nearly: failed.length > 0 && (near || allButOne),
    alternative,
    fields,
  };
}

/** What comes near counts as half. */
function missing({ fields }: MatchExplanation): number {
  return fields.reduce((sum, { passed, near }) => sum + (passed ? 0 : near === '' ? 1 : 0.5), 0);
}

function explainField(rule: FieldRule, values: EventValues): FieldExplanation {
  const held = values.held(rule.slot);
  const passed = rule.matches(values);
  return {
    field: rule.text,
    holds: held.length === 0 ? `nothing (${placesOf(rule, values)})` : holdsWords(held),
    wanted: rule.wanted,
    passed,
    near: passed ? '' : held.length === 0 ? nearName(rule, values) : nearValue(rule, held),
  };
}

/** Values, and texts of one value, that are shown or looked at. */
const shown = 3;

function holdsWords(held: readonly Held[]): string {
  const ids = new Map<string, string>();
  for (const { id, texts } of held) {
    for (const { text } of texts) if (!ids.has(text)) ids.set(text, id);
  }
  const words = [...ids].slice(0, shown).map(([text, id]) => `${quote(text)} (${id})`);
  return ids.size > shown ? `${words.join(', ')} and ${ids.size - shown} more` : words.join(', ');
}

/** Where a field is looked for, keys of the dictionary first: `sproc, label:parent process, …`. */
export function placesOf({ slot }: FieldRule, values: EventValues): string {
  const all = [...new Set(values.sourcesOf(slot).map((id) => id.split(' of ').at(-1)!))];
  const isOwn = (place: string): boolean => /^(label|key):/.test(place);
  const places = [...all.filter((place) => !isOwn(place)), ...all.filter(isOwn)];
  return places.length > 5 ? `${places.slice(0, 5).join(', ')}, …` : places.join(', ');
}

/** A label or a vendor's key that the event holds under a like name. */
function nearName({ slot, absencePasses }: FieldRule, values: EventValues): string {
  const [id = '', ...others] = values.sourcesOf(slot);
  const [, kind, wanted] = /^(label|key):(.*)$/s.exec(id) ?? [];
  if (absencePasses || others.length > 0 || kind === undefined || wanted === undefined) return '';
  const { labels, keys } = values.names();
  const [same, other] = kind === 'label' ? [labels, keys] : [keys, labels];
  const alike = nearest(wanted, same);
  if (alike !== '' && alike !== wanted) return `the event has the ${kind} ${quote(alike)}`;
  if (!other.includes(wanted)) return '';
  return kind === 'label'
    ? `the event has a key of this name, which is written key:${wanted}`
    : `the event has a label of this text, which is written label:${wanted}`;
}

/** Longer values are compared by their beginning. */
const longest = 256;
/** Fewer letters are inside anything. */
const leastInside = 4;

function nearValue({ key, passes, samples }: FieldRule, held: readonly Held[]): string {
  if (passes === null) return '';
  if (held.some(({ texts }) => texts.some(passes))) {
    return 'the key occurs more than once, and not every occurrence passes';
  }
  const literals = samples.filter((text) => text.length >= leastInside).map(fold);
  for (const { texts } of held.slice(0, shown)) {
    for (const { text, folded } of texts.slice(0, shown)) {
      const begun = folded.slice(0, longest);
      for (const literal of literals) {
        const words = likeness(begun, literal, key.operator);
        if (words === '') continue;
        const [is, wanted] = [quote(text), quote(literal)];
        if (begun === literal) return `${is} differs from ${wanted} in upper and lower case only`;
        return `${is} ${words} ${wanted}`;
      }
    }
  }
  return '';
}

function likeness(text: string, literal: string, operator: FieldRule['key']['operator']): string {
  switch (operator) {
    case 'equals':
    case 'startswith':
    case 'endswith':
    case 'contains':
    case 'domain':
      if (text.includes(literal)) return 'holds, but is not to be taken for,';
      // A quarter of the letters: a slip, not another word.
      return distance(text, literal.slice(0, longest)) * 4 <= literal.length ? 'is close to' : '';
    default:
      return '';
  }
}
