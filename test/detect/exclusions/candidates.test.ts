/** Many exclusions together say what each says alone: the keys that find them leave none out. */
import fc from 'fast-check';
import t from 'tap';
import type { ConfigProblem, ExclusionConfig } from '../../../src/config/config.js';
import { MatchCompiler } from '../../../src/detect/exclusions/compile-match.js';
import { EventValues } from '../../../src/detect/exclusions/event-values.js';
import { compileExclusions, type EventFacts } from '../../../src/detect/exclusions/exclusions.js';
import { matchesAny } from '../../../src/detect/exclusions/field-rule.js';
import { event, match } from './random-rules.js';
import type { Pair } from './reference.js';
import { exclusion, facts, type Match } from './try-exclusion.js';

const now = 1000;

/** All that match, each tried by itself, in order. */
function triedEach(configs: readonly ExclusionConfig[]) {
  const values = new EventValues();
  const problems: ConfigProblem[] = [];
  const compiler = new MatchCompiler(values, problems);
  const matches = configs.map((config) => compiler.compile(config, [])!);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return (facts: EventFacts): readonly ExclusionConfig[] => {
    values.start(facts);
    const found = configs.filter(
      ({ expiresMs }, at) =>
        (expiresMs === null || expiresMs >= now) && matchesAny(matches[at]!, values),
    );
    values.end();
    return found;
  };
}

/** Throws where both differ; the number of the event's exclusions that match. */
function compare(configs: readonly ExclusionConfig[], events: readonly EventFacts[]): number[] {
  const { exclusions } = compileExclusions(configs);
  const tried = triedEach(configs);
  const counts = new Map<string, number>();
  const found = events.map((event) => {
    const expected = tried(event);
    const first = exclusions.match(event, now);
    const all = exclusions.matches(event, now);
    const told = exclusions.explain(event, now);
    const explained = told.filter(({ outcome }) => outcome === 'matched');
    const names = (some: readonly ExclusionConfig[]) => some.map(({ name }) => name).join();
    const answers = [
      [names(all), names(expected)],
      [first?.name, expected[0]?.name],
      [names(explained.map((one) => one.exclusion)), names(expected)],
    ];
    if (answers.some(([is, should]) => is !== should)) throw new Error(JSON.stringify(answers));
    if (first !== null) counts.set(first.name, (counts.get(first.name) ?? 0) + 1);
    return expected.length;
  });
  for (const { name, matched } of exclusions.report()) {
    if (matched !== (counts.get(name) ?? 0)) throw new Error(`${name}: ${matched} counted`);
  }
  return found;
}

function named(matches: readonly Match[], expires: readonly (number | null)[] = []) {
  return matches.map((match, at) =>
    exclusion(match, { name: `e${at}`, expiresMs: expires[at % expires.length] ?? null }),
  );
}

t.test('random exclusions on random events: match, matches, explain, report', async (t) => {
  const found: number[] = [];
  const manyMatches = fc.array(match, { minLength: 8, maxLength: 30 });
  const expires = fc.array(fc.constantFrom(null, null, now - 1, now), { minLength: 1 });
  const events = fc.array(event, { minLength: 3, maxLength: 8 });
  fc.assert(
    fc.property(manyMatches, expires, events, (matches, expires, events) => {
      const all = (events as readonly (readonly Pair[])[]).map((pairs) => facts(pairs));
      found.push(...compare(named(matches, expires), all));
    }),
    { numRuns: 400 },
  );
  const one = found.filter((matching) => matching === 1).length;
  const several = found.filter((matching) => matching > 1).length;
  const told = `of ${found.length} events ${one} match one and ${several} more than one`;
  t.ok(one > 50 && several > 10 && one + several < found.length / 2, told);
});

// Words that share pieces, whole or as parts: what is chosen to find one may stand in many.
const words = [
  'backup',
  'BackUp-agent',
  'up-',
  'agent',
  'gent-1',
  'agent-17',
  '日本語',
  'ΑΣ',
  'İx',
];
const word = fc.constantFrom(...words);
const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((some) => some.join(''));
const host = fc.constantFrom('a.b.example', 'b.example', 'example', 'münchen.example', 'x.test');
const address = fc.constantFrom('10.1.2.3', '10.1.2.4', '::ffff:10.1.2.3', '2001:db8::1', '10.1');
const network = fc.constantFrom(
  '10.1.2.0/24',
  '10.0.0.0/8',
  '::/0',
  '2001:db8::/32',
  '::ffff:0:0/96',
);
const listOf = (value: fc.Arbitrary<string>) => fc.array(value, { minLength: 1, maxLength: 3 });
const textual = ['', '|contains', '|startswith', '|endswith', '|contains|cased', '|contains|all'];
const simple = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('suser', 'filename', 'destination'),
      fc.constantFrom(...textual),
      listOf(phrase),
    )
    .map(([field, modifier, values]): [string, string[]] => [`${field}${modifier}`, values]),
  listOf(host).map((values): [string, string[]] => ['destination|domain', values]),
  listOf(network).map((values): [string, string[]] => ['src|cidr', values]),
);
const simpleMap = fc.array(simple, { minLength: 1, maxLength: 2 }).map(Object.fromEntries);
const simpleMatch = fc.oneof(simpleMap, fc.array(simpleMap, { minLength: 1, maxLength: 2 }));
const simpleEvent = fc.array(
  fc.oneof(
    fc.tuple(fc.constant('suser'), phrase),
    fc.tuple(fc.constant('dhost'), fc.oneof(host, phrase, address)),
    fc.tuple(fc.constant('src'), address),
    fc.tuple(
      fc.constant('request'),
      fc.tuple(host, phrase).map(([h, p]) => `https://${h}:8/${p}`),
    ),
  ),
  { minLength: 1, maxLength: 6 },
);

t.test('simple exclusions that share words, hosts and networks', async (t) => {
  let hits = 0;
  let asked = 0;
  fc.assert(
    fc.property(
      fc.array(simpleMatch, { minLength: 5, maxLength: 30 }),
      fc.array(simpleEvent, { minLength: 3, maxLength: 6 }),
      (matches, events) => {
        const found = compare(
          named(matches as Match[]),
          events.map((pairs) => facts(pairs)),
        );
        hits += found.filter((count) => count > 0).length;
        asked += found.length;
      },
    ),
    { numRuns: 400 },
  );
  t.ok(hits > asked / 10 && hits < asked, `${hits} of ${asked} events match`);
});

t.test('a list longer than what is kept as keys is tried by itself', async (t) => {
  for (const length of [100, 101, 102]) {
    const values = Array.from({ length }, (_, at) => `user-${at}`);
    const { exclusions } = compileExclusions([
      exclusion({ suser: 'other' }),
      exclusion({ suser: values }, { name: 'long' }),
      exclusion({ suser: `user-${length - 1}` }),
    ]);
    t.equal(exclusions.match(facts({ suser: `user-${length - 1}` }), 0)?.name, 'long');
    t.equal(exclusions.match(facts({ suser: `user-${length}` }), 0), null);
  }
});
