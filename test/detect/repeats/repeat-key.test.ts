import fc from 'fast-check';
import t from 'tap';
import type { RepeatBy } from '../../../src/config/config.js';
import {
  isKeyBy,
  keyInWords,
  type RepeatFacts,
  repeatKey,
  sharedInWords,
} from '../../../src/detect/repeats/repeat-key.js';

const facts: RepeatFacts = {
  direction: 'download',
  host: 'evil.example',
  feed: 'Zscaler NSSWeblog',
  account: 'alice',
  filename: 'a.jpg',
};
const everything: readonly RepeatBy[] = ['host', 'user', 'file'];

t.test('suppression by nothing has no key', async (t) => {
  t.equal(repeatKey(facts, []), null);
});

t.test('only what it is by makes a difference, and the direction', async (t) => {
  const key = repeatKey(facts, ['host']);
  t.equal(repeatKey({ ...facts, account: 'bob', filename: 'b.jpg', feed: 'x' }, ['host']), key);
  t.not(repeatKey({ ...facts, host: 'other.example' }, ['host']), key);
  t.not(repeatKey({ ...facts, direction: 'upload' }, ['host']), key);
  t.not(
    repeatKey({ ...facts, account: 'bob' }, ['host', 'user']),
    repeatKey(facts, ['host', 'user']),
  );
  t.equal(repeatKey(facts, ['user', 'host']), repeatKey(facts, ['host', 'user']));
});

t.test('what an event does not name is held back by feed', async (t) => {
  const absent = { ...facts, host: '', account: '', filename: '' };
  for (const by of everything) {
    const key = repeatKey(absent, [by]);
    t.not(repeatKey({ ...absent, feed: 'another' }, [by]), key, by);
    const named = { ...facts, host: facts.feed, account: facts.feed, filename: facts.feed };
    t.not(repeatKey(named, [by]), key, 'a name that is the name of the feed is not it');
  }
});

t.test('two keys are equal only if all that they are by is', async (t) => {
  const seed = Date.now();
  t.comment(`seed ${seed}`);
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom(
      '',
      'no host',
      '","user","',
      'host',
      '\ud800',
      '\udc00',
      '\ufffd',
      'a,b',
      '\\"',
    ),
  );
  const some = fc.record({
    direction: fc.constantFrom('download' as const, 'upload' as const),
    host: text,
    feed: text,
    account: text,
    filename: text,
  });
  const identity = (f: RepeatFacts): string =>
    [f.direction, f.host, f.account, f.filename, f.host && f.account && f.filename ? '' : f.feed]
      .map((part) => `${part.length}:${part}`)
      .join('');
  const bys = fc.subarray([...everything], { minLength: 1 });
  fc.assert(
    fc.property(some, some, bys, (a, b, by) => {
      const same = repeatKey(a, everything) === repeatKey(b, everything);
      const key = repeatKey(a, by)!;
      return (
        same === (identity(a) === identity(b)) &&
        Buffer.from(key).toString() === key &&
        isKeyBy(key, by)
      );
    }),
    { seed, numRuns: 2000 },
  );
});

t.test('a key is bounded, and long texts stay apart', async (t) => {
  const long = '\u0001'.repeat(60_000);
  const key = repeatKey({ ...facts, host: `${long}a`, account: long, filename: long }, everything)!;
  t.ok(key.length < 6000, `${key.length}`);
  t.not(
    repeatKey({ ...facts, host: `${long}b` }, ['host']),
    repeatKey({ ...facts, host: `x${long}b` }, ['host']),
  );
  t.ok(keyInWords(key).length < 2000);
});

t.test('a key is told from one by something else, and from no key', async (t) => {
  const key = repeatKey(facts, ['host', 'user'])!;
  t.ok(isKeyBy(key, ['user', 'host']));
  t.ok(isKeyBy(repeatKey({ ...facts, host: '' }, ['host'])!, ['host']));
  for (const by of [[], ['host'], ['host', 'file'], everything] as const) t.notOk(isKeyBy(key, by));
  for (const none of [
    '',
    'x',
    '[]',
    '{}',
    '["download"]',
    '["download","host"]',
    '["up","host","a"]',
  ])
    t.notOk(isKeyBy(none, ['host']), none);
  t.notOk(isKeyBy('["download","host",1]', ['host']));
  t.equal(keyInWords('nonsense'), '');
});

t.test('in words, on one line', async (t) => {
  const words = (changes: Partial<RepeatFacts>, ...by: RepeatBy[]): string =>
    keyInWords(repeatKey({ ...facts, ...changes }, by)!);
  t.equal(words({}, 'host'), 'host evil.example');
  t.equal(words({}, ...everything), 'host evil.example, user alice, file a.jpg');
  t.equal(words({ host: '' }, 'host'), 'no host, feed Zscaler NSSWeblog');
  t.equal(words({ direction: 'upload' }, 'host'), 'upload, host evil.example');
  t.equal(words({ host: 'a\n\u202eb' }, 'host'), 'host a\\u{a}\\u{202e}b');
  t.equal(words({ host: 'h'.repeat(200) }, 'host'), `host ${'h'.repeat(79)}…`);
  const shared = (changes: Partial<RepeatFacts>, ...by: RepeatBy[]): string =>
    sharedInWords(repeatKey({ ...facts, ...changes }, by)!);
  t.equal(shared({}, 'host'), 'one host');
  t.equal(shared({}, 'user', 'host'), 'one host and user');
  t.equal(shared({ host: '' }, 'host'), 'one feed without a host');
  t.equal(
    shared({ host: '', account: '' }, ...everything),
    'one feed and file without a host or user',
  );
});
