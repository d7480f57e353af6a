/** What a test expects against what its last event came to. */
import { isDeepStrictEqual } from 'node:util';
import type { Expectation } from '../../config/config-test.js';
import type { Outcome } from './run-test.js';

export interface Mismatch {
  /** Below `expect`. */
  readonly path: readonly string[];
  readonly expected: unknown;
  readonly seen: unknown;
}

export function mismatches(expect: Expectation, outcome: Outcome): readonly Mismatch[] {
  const { record = {}, ...keys } = expect;
  const found: Mismatch[] = [];
  for (const [key, expected] of Object.entries(keys)) {
    const seen = outcome[key as keyof typeof keys];
    if (expected !== undefined && expected !== seen) found.push({ path: [key], expected, seen });
  }
  for (const [field, expected] of Object.entries(record)) {
    const seen = fieldOf(outcome.record, field);
    if (isAsExpected(expected, seen)) continue;
    found.push({ path: ['record', field], expected, seen });
  }
  return found;
}

/** A field by its name, or by names with dots between for one inside another; null if there is none. */
function fieldOf(record: unknown, field: string): unknown {
  if (typeof record !== 'object' || record === null) return null;
  if (Object.hasOwn(record, field)) return (record as Record<string, unknown>)[field] ?? null;
  for (let dot = field.indexOf('.'); dot > 0; dot = field.indexOf('.', dot + 1)) {
    const outer = field.slice(0, dot);
    if (!Object.hasOwn(record, outer)) continue;
    const found = fieldOf((record as Record<string, unknown>)[outer], field.slice(dot + 1));
    if (found !== null) return found;
  }
  return null;
}

/** `443` and `"443"` are one: who writes a test need not know which fields are numbers in a record. */
function isAsExpected(expected: unknown, seen: unknown): boolean {
  if (Array.isArray(expected) && Array.isArray(seen)) {
    return isDeepStrictEqual(expected.map(String), seen.map(String));
  }
  if (expected === null || seen === null) return expected === seen;
  return typeof seen !== 'object' && String(expected) === String(seen);
}
