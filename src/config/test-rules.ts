/** Rules that look at a test and the rest of the config at once. */
import { nearest } from '../nearest.js';
import type { ConfigProblem } from './config.js';
import { quote } from './config-error.js';
import { buildTests } from './config-test.js';
import type { Settings } from './schema.js';

/** Of all tests: bounds the time that `validate` takes. */
const maxEvents = 1_000_000;

/** Paths are those of the settings. */
export function testProblems({ tests, exclusions }: Settings): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const names = exclusions.map(({ name }) => name);
  let events = 0;
  for (const [index, { expect, ...test }] of tests.entries()) {
    const at = (key: string) => ['tests', index, 'expect', key];
    const { excluded_by: name } = expect;
    if (name !== undefined && !names.includes(name)) {
      const near = nearest(name, names);
      const message = `no exclusion has the name ${quote(name)}`;
      problems.push({
        path: at('excluded_by'),
        message: near === '' ? message : `${message}; the nearest is ${quote(near)}`,
      });
    }
    const against = (['excluded_by', 'skipped_by', 'not_judged'] as const).filter(
      (key) => expect[key] !== undefined,
    );
    const other = expect.repeat === true ? 'repeat' : against[0];
    if (expect.alert === true && other !== undefined) {
      const message = `what has ${other} raises no alert, so \`alert: true\` cannot be met`;
      problems.push({ path: at('alert'), message });
    }
    const [built] = buildTests([{ ...test, expect }]);
    const before = events;
    for (const { times } of built!.events) events += times;
    if (before <= maxEvents && events > maxEvents) {
      const message = `with this test there are more than ${maxEvents} events in all tests`;
      problems.push({ path: ['tests', index, 'event'], message });
    }
  }
  return problems;
}
