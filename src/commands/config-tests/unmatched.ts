/** Why an exclusion did not hold the event of a test back: which part of its `match` did not pass. */
import type { Expectation } from '../../config/config-test.js';
import { day } from '../../config/expiry.js';
import type { Path } from '../../config/issues.js';
import type { ExclusionExplanation } from '../../detect/exclusions/exclusions.js';
import { countOf } from '../../observe/counted.js';
import { fieldInWords } from '../explain/rule.js';
import { quote } from '../explain/words.js';
import type { Outcome } from './run-test.js';

export interface Unmatched {
  /** Of the YAML. */
  readonly path: Path;
  readonly text: string;
}

/** Where no exclusion is named, so many of those that come near are told. */
const maxNear = 3;

/** @param outcome of a test that failed. Empty if no exclusion has to do with it */
export function unmatched(expect: Expectation, outcome: Outcome): readonly Unmatched[] {
  const { excluded_by: name, alert } = expect;
  if (name !== undefined && name !== outcome.excluded_by) {
    return told(outcome, (one) => one.exclusion.name === name);
  }
  if (alert !== false || !outcome.alert) return [];
  return told(outcome, (one) => one.outcome !== 'no').slice(0, maxNear);
}

function told(
  outcome: Outcome,
  isMeant: (one: ExclusionExplanation) => boolean,
): readonly Unmatched[] {
  return outcome.exclusions().flatMap((one, index) => {
    if (!isMeant(one)) return [];
    const found = whyNot(one, outcome);
    return found === null ? [] : [{ path: ['exclusions', index, ...found.path], text: found.text }];
  });
}

function whyNot(one: ExclusionExplanation, outcome: Outcome): Unmatched | null {
  const { exclusion, alternative, fields } = one;
  const name = `exclusion ${quote(exclusion.name)}`;
  if (one.outcome === 'expired') {
    const text = `${name} would match, but has expired after ${day(exclusion.expiresMs ?? 0)} (see \`at\`)`;
    return { path: ['expires'], text };
  }
  const failed = fields.filter(({ passed }) => !passed);
  const [first] = failed;
  if (first === undefined) {
    if (outcome.excluded_by === null) return null;
    const text = `${name} matches too; ${quote(outcome.excluded_by)} stands before it`;
    return { path: ['match'], text };
  }
  const more =
    failed.length === 1
      ? ''
      : `; ${failed.length - 1} more of its ${countOf(fields.length, 'field')} did not match either`;
  const map = Array.isArray(exclusion.match) ? [alternative] : [];
  return {
    path: ['match', ...map, first.field],
    text: `${name} did not match: ${fieldInWords(first)}${more}`,
  };
}
