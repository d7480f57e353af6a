/** The compiled matcher and a naive evaluator agree on random rules and random events. */
import fc from 'fast-check';
import t from 'tap';
import { event, match } from './random-rules.js';
import { evaluate, type Pair } from './reference.js';
import { facts, matcher } from './try-exclusion.js';

t.test('random rules on random events: as the reference says', async (t) => {
  let hits = 0;
  let asked = 0;
  fc.assert(
    fc.property(match, fc.array(event, { minLength: 5, maxLength: 10 }), (rule, events) => {
      const compiled = matcher(rule);
      for (const pairs of events as readonly (readonly Pair[])[]) {
        const expected = evaluate(rule, pairs);
        asked++;
        if (expected) hits++;
        if (compiled(facts(pairs)) !== expected) {
          throw new Error(`${JSON.stringify(rule)} on ${JSON.stringify(pairs)}: not ${expected}`);
        }
      }
    }),
    { numRuns: 1500 },
  );
  t.ok(hits > asked / 50 && hits < asked / 2, `${hits} of ${asked} match: both answers are tested`);
});
