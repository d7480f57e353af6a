/** The five scenarios on lines as devices send them: every way of naming, both forms, near misses. */
import t from 'tap';
import { stringify } from 'yaml';
import { ConfigError } from '../../../src/config/config-error.js';
import { judgeUnder, lineOf, receivedAtMs } from './judged-lines.js';
import { scenarioForms } from './naming-ways.js';

const exclusionsOf = (match: unknown, more: object = {}) =>
  stringify({ exclusions: [{ name: 'x', reason: 'CHG-1', match, ...more }] });

for (const { scenario, form, ways, yes, no } of scenarioForms) {
  t.test(`${scenario}, ${form}`, async (t) => {
    t.equal(Object.keys(ways).length, 5);
    for (const [way, match] of Object.entries(ways)) {
      const { judge } = judgeUnder(exclusionsOf(match));
      for (const extension of yes) {
        const { verdict } = judge(lineOf(extension));
        t.strictSame(
          verdict.suppressed,
          { by: 'exclusion', name: 'x', reason: 'CHG-1' },
          `${way}: ${extension}`,
        );
        t.equal(verdict.alert, null);
      }
      for (const extension of no) {
        const { verdict } = judge(lineOf(extension));
        t.ok(verdict.alert, `${way}, not: ${extension}`);
        t.equal(verdict.suppressed, null);
      }
    }
  });
}

t.test('a line of each scenario is excluded by its scenario alone', async (t) => {
  const all = scenarioForms.map(({ scenario, form, ways }) => ({
    name: `${scenario}, ${form}`,
    reason: 'r',
    match: ways['CEF key'],
  }));
  const { judge } = judgeUnder(stringify({ exclusions: all }));
  for (const { scenario, form, yes } of scenarioForms) {
    for (const extension of yes) {
      t.strictSame(judge(lineOf(extension)).matched, [`${scenario}, ${form}`], extension);
    }
  }
});

t.test('what events are forwarded as does not change what matches', async (t) => {
  for (const names of ['cef', 'commonsecuritylog', 'ecs']) {
    for (const resolve_labels of [false, true]) {
      for (const { scenario, form, ways, yes, no } of scenarioForms) {
        for (const [way, match] of Object.entries(ways)) {
          const forward = { fluentd: { names, resolve_labels } };
          const { judge } = judgeUnder(`${exclusionsOf(match)}${stringify({ forward })}`);
          const told = `${names}: ${scenario}, ${form}, ${way}`;
          const matched = [...yes, ...no].map((text) => judge(lineOf(text)).matched.length);
          t.strictSame(matched, [...yes.map(() => 1), ...no.map(() => 0)], told);
        }
      }
    }
  }
});

t.test(
  'an unknown field is a mistake of the config, with its place and the nearest name',
  async (t) => {
    const problem = (field: string) => {
      try {
        judgeUnder(
          `exclusions:\n  - name: a\n    reason: b\n    match:\n      suser: x\n      ${field}: y\n`,
        );
      } catch (error) {
        if (error instanceof ConfigError) return error.format();
        throw error;
      }
      throw new Error(`${field} is fine`);
    };
    for (const [field, nearest] of [
      ['sproq', 'sproc'],
      ['SourceProcesName', 'SourceProcessName'],
      ['proces.name', 'process.name'],
      ['proces_name', 'process_name'],
      ['userAgent', 'user_agent.original'],
    ]) {
      t.equal(
        problem(field!),
        `config:6:7: exclusions[0].match${field!.includes('.') ? `["${field}"]` : `.${field}`}: ` +
          `unknown field "${field}"; the nearest name is "${nearest}" (the text of a custom label ` +
          "is written label:TEXT, a vendor's own key key:NAME)",
      );
    }
    t.match(problem('sandbox_verdict'), /^config:6:7: .*; docs\/exclusions\.md lists the names/);
  },
);

const line = lineOf('request=http://h.example/a.jpg dhost=h.example suser=svc in=900000');
const rule = { suser: 'svc' };
const expires = '2026-11-24';
const lastMs = Date.UTC(2026, 10, 25) - 1;

t.test('excluded events teach by preset, unless the exclusion says', async (t) => {
  const learns = (preset: string, more: object, atMs = receivedAtMs) => {
    const detection = stringify({ detection: { preset } });
    return judgeUnder(`${exclusionsOf(rule, more)}${detection}`).judge(line, atMs).learned.length;
  };
  t.equal(learns('recommended', {}), 0);
  t.equal(learns('recommended', { learn: true }), 1);
  t.equal(learns('sentinel', {}), 1);
  t.equal(learns('sentinel', { learn: false }), 0);
  for (const preset of ['recommended', 'sentinel']) {
    t.equal(learns(preset, { learn: false, expires }, lastMs), 0, 'on its last millisecond');
    t.equal(learns(preset, { learn: false, expires }, lastMs + 1), 1, 'expired');
  }
});

t.test(
  'an exclusion holds up to the last millisecond of its day by the judged moment',
  async (t) => {
    const at = (atMs: number) =>
      judgeUnder(exclusionsOf(rule, { expires })).judge(line, atMs).verdict;
    t.equal(at(lastMs).suppressed?.name, 'x');
    t.equal(at(lastMs).alert, null);
    t.equal(at(lastMs + 1).suppressed, null);
    t.ok(at(lastMs + 1).alert);
  },
);

t.test('with time: event the moment is that of the event, not of its receipt', async (t) => {
  const time = stringify({ detection: { time: 'event' } });
  const judge = (rt: number, atMs: number) =>
    judgeUnder(`${exclusionsOf(rule, { expires })}${time}`).judge(`${line} rt=${rt}`, atMs).verdict;
  t.equal(judge(lastMs, lastMs + 60_000).suppressed?.name, 'x');
  t.ok(judge(lastMs + 1, lastMs + 60_000).alert);
});

t.test('a second value of the feed’s own field for host or URL excludes nothing', async (t) => {
  const feeds = [{ vendor: 'Acme', product: 'Gate', host: ['sourceServiceName'], url: ['url'] }];
  const asked = (match: object, extension: string) => {
    const yaml = `${exclusionsOf(match)}${stringify({ feeds })}`;
    return judgeUnder(yaml).judge(lineOf(`in=900000 ${extension}`)).matched.length;
  };
  const host = { 'destination.domain': 'partner.example' };
  const partner = 'sourceServiceName=partner.example';
  const other = 'sourceServiceName=evil.example';
  const url = 'url=http://h.example/a.jpg';
  t.equal(asked(host, `${url} ${partner}`), 1);
  t.equal(asked(host, `${url} ${partner} ${partner}`), 1);
  t.equal(asked(host, `${url} ${partner} ${other}`), 0, 'appended');
  t.equal(asked(host, `${url} ${other} ${partner}`), 0, 'put in front');
  const path = { 'url.path': '/ok/a.jpg' };
  t.equal(asked(path, 'url=http://h.example/ok/a.jpg'), 1);
  t.equal(asked(path, 'url=http://h.example/a.jpg url=http://h.example/ok/a.jpg'), 0);
  t.equal(asked(path, 'url=http://h.example/ok/a.jpg url=http://h.example/a.jpg'), 0);
});

t.test('the detector has exclusions observe every JPEG event', async (t) => {
  const { judge, exclusions } = judgeUnder(
    exclusionsOf({ suser: 'svc', sproc: 'x' }, { learn: true }),
  );
  for (const size of [900_000, 10]) judge(line.replace('900000', String(size)));
  judge(lineOf('request=http://h.example/a.png dhost=h.example sproc=x'));
  const { events, absentFields } = exclusions.report()[0]!;
  t.equal(events, 2);
  t.strictSame(absentFields, ['sproc']);
});
