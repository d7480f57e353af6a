/** Runs the tests of a config and tells of each, as a test runner does. */
import type { LocatedConfig } from '../../config/load.js';
import type { Exclusions } from '../../detect/exclusions/exclusions.js';
import { countOf } from '../../observe/counted.js';
import { printable } from '../../observe/printable.js';
import { type Mismatch, mismatches } from './expectation.js';
import { runTest } from './run-test.js';
import { unmatched } from './unmatched.js';

export interface TestReport {
  readonly failed: number;
  /** One line each, '' if the config has no tests. */
  readonly text: string;
}

export function reportTests(located: LocatedConfig, exclusions: Exclusions): TestReport {
  const { config, placeOf } = located;
  const { tests } = config;
  if (tests.length === 0) return { failed: 0, text: '' };
  const lines: string[] = [];
  let failed = 0;
  for (const [index, test] of tests.entries()) {
    const outcome = runTest(test, config, exclusions);
    const found = mismatches(test.expect, outcome);
    lines.push(`  ${found.length === 0 ? 'ok  ' : 'FAIL'}  ${test.name}`);
    if (found.length === 0) continue;
    failed++;
    for (const mismatch of found) {
      const { line, column } = placeOf(['tests', index, 'expect', ...mismatch.path]);
      lines.push(`        ${config.file}:${line}:${column}: ${mismatchInWords(mismatch)}`);
    }
    lines.push(`        it came to: ${outcome.sentence}`);
    lines.push(...outcome.needed.map((need) => `        for an alert: ${need}`));
    for (const { path, text } of unmatched(test.expect, outcome)) {
      const { line, column } = placeOf(path);
      lines.push(`        ${config.file}:${line}:${column}: ${text}`);
    }
  }
  const passed = tests.length - failed;
  const sum = `${passed} of ${countOf(tests.length, 'test')} passed`;
  return { failed, text: ['tests', ...lines, `  ${sum}`].map((l) => `${printable(l)}\n`).join('') };
}

function mismatchInWords({ path, expected, seen }: Mismatch): string {
  return `${path.join('.')}: expected ${valueInWords(expected)}, seen ${valueInWords(seen)}`;
}

const maxShown = 200;

function valueInWords(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  const text = JSON.stringify(value);
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
}
