/** What the last event of a test comes to, with a baseline of the test's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import { reportTests } from '../../../src/commands/config-tests/report.js';
import { type Outcome, runTest } from '../../../src/commands/config-tests/run-test.js';
import { locate } from '../../../src/commands/load.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** @param test YAML of one test, without name and expect */
function outcomeOf(test: object, rest: object = {}): Outcome {
  const tests = [{ name: 'a', expect: { alert: true }, ...test }];
  const { config, exclusions } = locate({ text: JSON.stringify({ ...rest, tests }), env: {} });
  const outcome = runTest(config.tests[0]!, config, exclusions);
  // The record is what the detector said, the rest what the explanation says: they must agree.
  const { alert, alert_suppressed: suppressed } = outcome.record as {
    alert?: unknown;
    alert_suppressed?: { by: string; name?: string };
  };
  const { by, name } = suppressed ?? {};
  t.equal(alert !== undefined, outcome.alert, outcome.sentence);
  t.equal(by === 'repeat', outcome.repeat, outcome.sentence);
  t.equal(by === 'exclusion' ? name : null, outcome.excluded_by, outcome.sentence);
  return outcome;
}

const cef = (extension: string) => `CEF:0|Example|Proxy|1|1|GET|3|${extension}`;
const jpeg = (host: string, bytes = 5_000_000, more = '') =>
  cef(`request=https://${host}/a.jpg in=${bytes} dhost=${host}${more}`);

t.test('without a baseline: ready, 256KiB, no host is known', async (t) => {
  t.match(outcomeOf({ event: jpeg('a.example') }), {
    alert: true,
    level: 'high',
    host: 'a.example',
    host_state: 'never_seen',
    bytes: 5_000_000,
    direction: 'download',
    learned: true,
    excluded_by: null,
    repeat: false,
    not_judged: null,
    skipped_by: null,
    record: { device_vendor: 'Example', alert: { threshold_bytes: 262_144, host: 'a.example' } },
  });
  t.match(outcomeOf({ event: jpeg('a.example', 262_144) }), { alert: false, level: null });
  t.match(outcomeOf({ event: jpeg('a.example', 262_145) }), { alert: true });
});

t.test('a stated baseline holds, also where minimums are not met', async (t) => {
  const baseline = {
    threshold: '4MiB',
    known_hosts: ['www.a.example'],
    pending_hosts: ['b.example'],
  };
  const of = (host: string, bytes?: number) => outcomeOf({ baseline, event: jpeg(host, bytes) });
  t.match(of('cdn.a.example'), { alert: false, host_state: 'known' }, 'by its domain');
  t.match(of('b.example'), { alert: true, host_state: 'pending' });
  t.match(of('c.example'), { alert: true, host_state: 'never_seen' });
  t.match(of('c.example', 4_194_304), { alert: false });
  const byHost = { detection: { new_source: 'host', minimum_samples: 1e6 } };
  const event = jpeg('cdn.a.example');
  t.match(outcomeOf({ baseline, event }, byHost), { alert: true, host_state: 'never_seen' });
});

t.test('why an event is not judged, or skipped', async (t) => {
  const why = (event: string, rest?: object) => {
    const { not_judged, skipped_by, alert } = outcomeOf({ event }, rest);
    t.equal(alert, false);
    return not_judged ?? skipped_by;
  };
  t.equal(why('nonsense'), 'unparsed');
  t.equal(why('\n'), 'unparsed');
  t.equal(why(cef('request=https://a.example/a.png in=5000000')), 'not_jpeg');
  t.equal(why(cef('fileType=image/jpeg in=5000000')), 'no_url');
  const off = { feeds: [{ vendor: 'Example', judge: false }] };
  t.equal(why(jpeg('a.example'), off), 'switched_off');
  const short = { listen: { max_message: '480B' } };
  t.equal(why(jpeg('a.example', 9e6, ` msg=${'x'.repeat(500)}`), short), 'truncated');
  t.equal(why(jpeg('a.example', 9e6, ' requestMethod=HEAD')), 'method');
  t.equal(why(jpeg('a.example', 9e6, ' act=blocked')), 'action');
});

t.test('events before the last teach, and raise alerts', async (t) => {
  const first = jpeg('a.example');
  const second = (after: string) => ({ line: jpeg('a.example', 6_000_000), after });
  t.match(outcomeOf({ event: [first, second('23h')] }), { alert: false, repeat: true });
  t.match(outcomeOf({ event: [first, second('25h')] }), { alert: false, host_state: 'known' });
  const none = { baseline: { threshold: null } };
  const teaching = { line: jpeg('cdn.example', 300_000), after: '30m', times: 200 };
  const judged = { line: jpeg('a.example'), after: '1d' };
  t.match(outcomeOf({ ...none, event: [teaching, judged] }), {
    alert: true,
    record: { alert: { threshold_bytes: 300_000 } },
  });
  const few = { ...teaching, times: 20 };
  const { alert, sentence } = outcomeOf({ ...none, event: [few, judged] });
  t.notOk(alert);
  t.match(sentence, 'the baseline is not ready');
});

t.test('an exclusion holds until its day is over, by the time of the test', async (t) => {
  const exclusion = { name: 'x', reason: 'r', match: { suser: 'joe' }, expires: '2026-06-30' };
  const rest = { exclusions: [exclusion] };
  const event = jpeg('a.example', 5e6, ' suser=joe');
  t.match(outcomeOf({ event }, rest), { alert: false, excluded_by: 'x', learned: false });
  t.match(outcomeOf({ event, at: '2026-06-30T23:59:59Z' }, rest), { excluded_by: 'x' });
  t.match(outcomeOf({ event, at: '2026-07-01T00:00:00Z' }, rest), { alert: true });
  const byPeer = { exclusions: [{ ...exclusion, match: { 'peer|cidr': '192.0.2.0/24' } }] };
  t.match(outcomeOf({ event, peer: '192.0.2.7' }, byPeer), { excluded_by: 'x' });
  t.match(outcomeOf({ event, peer: '192.0.3.7' }, byPeer), { alert: true });
});

t.test('with time: event the moment is the detector’s own, also of late events', async (t) => {
  const at = (iso: string) => ` rt=${Date.parse(iso)}`;
  const rest = { detection: { time: 'event', suppress: { window: '1h' } } };
  const event = [
    jpeg('a.example', 5e6, at('2026-01-01T00:00:00Z')),
    jpeg('b.example', 5e6, at('2026-01-01T02:00:00Z')),
    jpeg('a.example', 5e6, at('2026-01-01T00:30:00Z')),
  ];
  // Two hours behind, an event is late, and judged at the clock: the window of the first alert is over.
  t.match(outcomeOf({ at: '2026-01-01T03:00:00Z', event }, rest), { alert: true, repeat: false });
  const inOrder = [event[0], event[2]];
  t.match(outcomeOf({ at: '2026-01-01T03:00:00Z', event: inOrder }, rest), { repeat: true });
});

t.test('the record is named as the config has it', async (t) => {
  const rest = { forward: { fluentd: { names: 'commonsecuritylog', only: 'alerts' } } };
  const { record } = outcomeOf({ event: jpeg('a.example', 1, ' suser=joe') }, rest);
  t.match(record, { SourceUserName: 'joe', ReceivedBytes: 1 });
});

t.test('uploads: the side that alerts is told', async (t) => {
  const rest = { detection: { direction: 'both' } };
  const event = cef('request=https://a.example/a.jpg in=10 out=9000000 requestMethod=POST');
  t.match(outcomeOf({ event }, rest), { alert: true, direction: 'upload', bytes: 9_000_000 });
});

t.test(
  'the tests of every shipped exclusion pass, with a match and a near miss each',
  async (t) => {
    const folder = join(root, 'examples/exclusions');
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      const located = locate({ file, env: {} });
      const { failed, text } = reportTests(located, located.exclusions);
      t.equal(failed, 0, `${name}\n${text}`);
      const { tests, exclusions } = located.config;
      const excluded = new Set(tests.map(({ expect }) => expect.excluded_by));
      for (const exclusion of exclusions) t.ok(excluded.has(exclusion.name), exclusion.name);
      const misses = tests.filter(({ expect }) => expect.alert === true).length;
      t.ok(misses >= exclusions.length, `${name}: ${misses} near misses`);
    }
  },
);

t.test('the examples of docs/testing-a-config.md are true', async (t) => {
  const text = readFileSync(join(root, 'docs/testing-a-config.md'), 'utf8');
  const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map((block) => block[1]!);
  const whole = blocks.filter((block) => parse(block).tests !== undefined);
  t.equal(whole.length, 2);
  for (const block of whole) {
    const located = locate({ text: block, env: {} });
    const { failed, text: told } = reportTests(located, located.exclusions);
    t.equal(failed, 0, told);
  }
});

t.test('a config without tests has nothing to report', async (t) => {
  const located = locate({ text: '', env: {} });
  t.same(reportTests(located, located.exclusions), { failed: 0, text: '' });
});
