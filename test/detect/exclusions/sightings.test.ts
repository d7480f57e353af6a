/** Exclusions that look at fields which no event carries are known to be dead. */
import t from 'tap';
import type { EventFacts } from '../../../src/detect/exclusions/exclusions.js';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';
import { exclusion, facts, type Match } from './try-exclusion.js';

const enough = 100_000;

function watched(...matches: readonly Match[]) {
  const configs = matches.map((match, at) => exclusion(match, { name: `e${at}` }));
  const { exclusions, problems } = compileExclusions(configs);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const observe = (event: EventFacts, times = 1) => {
    for (let i = 0; i < times; i++) exclusions.observe(event);
  };
  const status = () => exclusions.report().map((one) => one.status);
  return { exclusions, observe, status };
}

const proxy = facts({ request: 'http://h/a.jpg', dhost: 'h', suser: 'alice' });

t.test(
  'a field that no event carries makes an exclusion dead after 100,000, not before',
  async (t) => {
    const { exclusions, observe, status } = watched({
      process_name: 'gimp.exe',
      'dhost|domain': 'h',
    });
    observe(proxy, enough - 1);
    t.strictSame(status(), ['fields not seen yet']);
    observe(proxy);
    const [report] = exclusions.report();
    t.strictSame(report, {
      name: 'e0',
      status: 'dead',
      events: enough,
      matched: 0,
      absentFields: ['process_name'],
      words:
        'dead: none of 100000 JPEG events carried process_name (sproc, dproc, deviceProcessName)',
    });
  },
);

t.test('the places of a parent process are named, not all of them', async (t) => {
  const { exclusions, observe } = watched({ 'process.parent.name|contains': 'Veeam' });
  observe(proxy, 3);
  const { words, absentFields } = exclusions.report()[0]!;
  t.equal(
    words,
    'none of 3 JPEG events carried process.parent.name (sproc, label:parent process, ' +
      'key:parent process, label:parentprocess, key:parentprocess, …)',
  );
  t.strictSame(absentFields, ['process.parent.name|contains']);
});

t.test('fields that occur, each in its own event, and never match', async (t) => {
  const { exclusions, observe, status } = watched({ suser: 'svc-backup', act: 'blocked' });
  observe(facts({ suser: 'alice' }));
  t.strictSame(exclusions.report()[0]!.absentFields, ['act']);
  observe(facts({ act: 'allowed' }));
  t.strictSame(status(), ['fields seen, never matched']);
  t.equal(
    exclusions.report()[0]!.words,
    'its fields occur, but it has held back nothing in 2 JPEG events',
  );
  observe(facts({}), enough);
  t.strictSame(status(), ['fields seen, never matched']);
});

t.test('of a list of maps one must have all its fields', async (t) => {
  const { exclusions, observe, status } = watched(
    [
      { sproc: 'a', suser: 'x' },
      { dproc: 'b', act: 'y' },
    ],
    [{ sproc: 'a' }, { suser: 'x' }],
  );
  observe(facts({ suser: 'alice', act: 'z' }), enough);
  t.strictSame(status(), ['dead', 'fields seen, never matched']);
  t.strictSame(exclusions.report()[0]!.absentFields, ['sproc', 'dproc']);
  t.match(exclusions.report()[0]!.words, 'carried sproc (sproc) or dproc (dproc)');
});

t.test('a field whose absence is wanted need not occur', async (t) => {
  const { observe, status } = watched(
    { suser: 'x', 'requestContext|exists': false },
    { suser: 'x', requestContext: [null, '-'] },
    { suser: 'x', 'requestContext|exists': true },
  );
  observe(proxy, enough);
  t.strictSame(status(), ['fields seen, never matched', 'fields seen, never matched', 'dead']);
});

t.test('used: how often it was the one that held; what only asks counts nothing', async (t) => {
  const { exclusions, observe } = watched({ suser: 'alice' }, { dhost: 'h' }, { suser: 'bob' });
  for (let i = 0; i < 3; i++) {
    observe(proxy);
    exclusions.matches(proxy, 0);
    exclusions.explain(proxy, 0);
    exclusions.match(proxy, 0);
  }
  t.strictSame(
    exclusions.report().map(({ status, matched, words }) => [status, matched, words]),
    [
      ['used', 3, 'matched 3 times in 3 JPEG events'],
      [
        'fields seen, never matched',
        0,
        'its fields occur, but it has held back nothing in 3 JPEG events',
      ],
      [
        'fields seen, never matched',
        0,
        'its fields occur, but it has held back nothing in 3 JPEG events',
      ],
    ],
  );
});

t.test('a dead exclusion comes to life when its field does, within 64 events', async (t) => {
  const { observe, status } = watched({ sproc: 'gimp.exe' });
  observe(proxy, enough);
  t.strictSame(status(), ['dead']);
  observe(facts({ sproc: 'x' }), 64);
  t.strictSame(status(), ['fields seen, never matched']);
});

t.test(
  'once all fields have been seen, and after 100,000 events, events are hardly read',
  async (t) => {
    let reads = 0;
    const counting = (event: EventFacts): EventFacts => ({
      get fields() {
        reads++;
        return event.fields;
      },
      url: event.url,
      filename: event.filename,
      host: event.host,
      urls: event.urls,
      hosts: event.hosts,
    });
    const settled = watched({ suser: 'x' });
    settled.observe(counting(proxy));
    t.ok(reads > 0, 'the first event is read');
    reads = 0;
    settled.observe(counting(proxy), 1000);
    t.equal(reads, 0);
    const dead = watched({ sproc: 'x', suser: 'y' });
    dead.observe(counting(proxy), 1);
    reads = 0;
    dead.observe(counting(proxy), 1);
    t.equal(reads, 1, 'only what has not been seen is looked for');
    dead.observe(proxy, enough);
    reads = 0;
    dead.observe(counting(proxy), 6400);
    t.equal(reads, 100, 'one event in 64');
  },
);

t.test('no exclusions: nothing to observe, nothing to report', async (t) => {
  const { exclusions, observe } = watched();
  observe(proxy, 10);
  t.strictSame(exclusions.report(), []);
});
