/** The part of the schema that says what shall not alert: `exclusions`. */
import { z } from 'zod';
import { lastDay, line } from './value-kinds.js';
import { namesValuesFiles } from './values-key.js';

const valueForm = 'must be one value or a list of values: text, numbers, true, false or null';
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: 'must be text, a number, true, false or null',
});
const matchMap = z
  .record(z.string(), z.union([scalar, z.array(scalar).min(1)], { error: valueForm }))
  .superRefine((map, context) => {
    const keys = Object.keys(map);
    if (keys.length === 0) context.addIssue({ code: 'custom', message: 'must name a field' });
    for (const key of keys.filter(namesValuesFiles)) {
      if (isPaths(map[key])) continue;
      const message = 'must be the path of a file with values, or a list of such paths';
      context.addIssue({ code: 'custom', path: [key], message });
    }
  })
  .meta({ id: 'match', minProperties: 1 });

const isPath = (value: unknown) =>
  typeof value === 'string' && value !== '' && !value.includes('\0');

function isPaths(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isPath) : isPath(value);
}

export const exclusion = z.strictObject({
  name: line(128).describe('Name, once in the file; stands in alert_suppressed'),
  reason: line(1000).describe('Why this is no alert: a ticket, a person, a sentence'),
  expires: lastDay
    .nullable()
    .prefault(null)
    .describe('Last day (UTC, inclusive) on which it applies; null is for ever'),
  match: z
    .union([matchMap, z.array(matchMap).min(1).max(1000)], {
      error: 'must be a map of fields, or a list of such maps',
    })
    .describe('field|modifier: value or values; a map is AND, a list is OR'),
  learn: z
    .boolean()
    .optional()
    .describe('Excluded events teach the baseline; by preset: sentinel true, recommended false'),
});
