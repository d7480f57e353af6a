/** A long list, and many exclusions, cost as many look-ups as few: counted, not timed. */
import t from 'tap';
import type { ExclusionConfig, MatchMap } from '../../../src/config/config.js';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';
import { exclusion, facts } from './try-exclusion.js';

const many = 100_000;
const event = { dhost: 'a.b.other.example', src: '203.0.113.9', suser: 'nobody' };

const lists: Readonly<Record<string, (at: number) => string>> = {
  dhost: (at) => `host-${at}.example`,
  'dhost|domain': (at) => `host-${at}.example`,
  'src|cidr': (at) => `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`,
  'suser|cased': (at) => `user-${at}`,
  'in|gt': (at) => String(1000 + at),
};

function fromFile(key: string, values: readonly string[]): ExclusionConfig {
  const file = { values, lines: Uint32Array.from(values, (_, at) => at + 1) };
  return exclusion({ [`${key}|values_file`]: 'list' }, { valuesFiles: new Map([['list', file]]) });
}

/** How often sets and tables are asked, and values tested, for one event. */
function lookUps(...configs: readonly ExclusionConfig[]): number {
  const { exclusions, problems } = compileExclusions(configs);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  let count = 0;
  const { has } = Set.prototype;
  const { get } = Map.prototype;
  const { includes, endsWith, startsWith } = String.prototype;
  const counted = <This, Args extends unknown[], Result>(
    call: (this: This, ...a: Args) => Result,
  ) =>
    function (this: This, ...args: Args): Result {
      count++;
      return call.apply(this, args);
    };
  Set.prototype.has = counted(has);
  Map.prototype.get = counted(get);
  Object.assign(String.prototype, {
    includes: counted(includes),
    endsWith: counted(endsWith),
    startsWith: counted(startsWith),
  });
  try {
    if (exclusions.match(facts(event), 0) !== null) throw new Error('nothing should match');
  } finally {
    Set.prototype.has = has;
    Map.prototype.get = get;
    Object.assign(String.prototype, { includes, endsWith, startsWith });
  }
  return count;
}

for (const [key, value] of Object.entries(lists)) {
  t.test(`${key}: ${many} values cost as many look-ups as 200`, async (t) => {
    const few = lookUps(
      fromFile(
        key,
        Array.from({ length: 200 }, (_, at) => value(at)),
      ),
    );
    const all = lookUps(
      fromFile(
        key,
        Array.from({ length: many }, (_, at) => value(at)),
      ),
    );
    t.equal(all, few);
    t.ok(few < 30, `${few} look-ups`);
  });
}

t.test(
  'what is tested one by one costs more the more there is of it, so it is bounded',
  async (t) => {
    const values = Array.from({ length: 1001 }, (_, at) => `user-${at}*x`);
    const { problems } = compileExclusions([fromFile('suser', values)]);
    t.equal(problems.length, 1);
    t.match(
      problems[0]!.message,
      'line 1001 of list, "user-1000*x": more than 1000 values that are',
    );
    t.strictSame(compileExclusions([fromFile('suser', values.slice(1))]).problems, []);
    t.strictSame(problems[0]!.path, ['exclusions', 0, 'match', 'suser|values_file']);
  },
);

t.test('networks of every length cost a look-up for each length', async (t) => {
  const values = Array.from({ length: many }, (_, at) => `10.1.${at & 255}.0/${8 + (at % 25)}`);
  const count = lookUps(fromFile('src|cidr', values));
  t.ok(count <= 40, `${count} look-ups for ${many} networks of 25 lengths`);
});

/** Simple exclusions: each holds a text, a name or a network of its own. */
const simple: Readonly<Record<string, (at: number) => MatchMap | readonly MatchMap[]>> = {
  equals: (at) => ({ suser: `svc-${at}` }),
  number: (at) => ({ in: 1000 + at }),
  domain: (at) => ({ 'dhost|domain': `host-${at}.example` }),
  cidr: (at) => ({ 'src|cidr': `10.1.${at}.0/24` }),
  contains: (at) => ({ 'suser|contains': `agent-${at}` }),
  startswith: (at) => ({ 'dhost|startswith|cased': `Host-${at}.` }),
  endswith: (at) => ({ 'suser|endswith': [`@site-${at}.example`, `@site-${at}.test`] }),
  'two fields, one of them common': (at) => ({ src: '203.0.113.9', suser: `svc-${at}` }),
  'two maps': (at) => [{ suser: `svc-${at}` }, { 'src|cidr': `10.1.${at}.0/24`, in: 5 }],
};

for (const [title, match] of Object.entries(simple)) {
  t.test(`${title}: 200 exclusions cost as many look-ups as ten`, async (t) => {
    const some = (length: number) => Array.from({ length }, (_, at) => exclusion(match(at)));
    const few = lookUps(...some(10));
    t.equal(lookUps(...some(200)), few);
    t.ok(few < 30, `${few} look-ups`);
  });
}

t.test('what no key finds is tried, one exclusion after the other', async (t) => {
  const some = (length: number) =>
    Array.from({ length }, (_, at) => exclusion({ 'suser|contains': `${at % 10}`, act: null }));
  t.ok(lookUps(...some(200)) >= 200);
});

t.test('a text that holds a key again and again finds its exclusions once', async (t) => {
  const finds = (suser: string) => {
    const configs = Array.from({ length: 100 }, () => exclusion({ 'suser|contains': 'aaab' }));
    const { exclusions } = compileExclusions(configs);
    const { add } = Set.prototype;
    let count = 0;
    Set.prototype.add = function (value) {
      count++;
      return add.call(this, value);
    };
    try {
      t.equal(exclusions.match(facts({ suser }), 0), null);
    } finally {
      Set.prototype.add = add;
    }
    return count;
  };
  t.equal(finds('a'.repeat(1000)), finds('aaa'));
});
