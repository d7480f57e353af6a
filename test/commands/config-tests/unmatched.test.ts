/** A test that fails says which part of an exclusion's `match` did not match, and where it stands. */
import t from 'tap';
import { reportTests } from '../../../src/commands/config-tests/report.js';
import { locate } from '../../../src/commands/load.js';

const head = `exclusions:
  - name: backup
    reason: r
    match: { user.name|endswith: svc-backup, destination|domain: backup.example.com }
  - name: old
    reason: r
    expires: 2025-01-01
    match: [ { user.name: joe }, { user.name: sue, destination|domain: cdn.example.net } ]
  - name: second
    reason: r
    match: { user.name|contains: svc }
`;

/** What is said of exclusions, of one test. @param expect YAML */
function said(host: string, user: string, expect: string, name = 'a.jpg'): readonly string[] {
  const line = `CEF:0|E|P|1|1|GET|3|request=https://${host}/${name} in=9000000 dhost=${host} suser=${user}`;
  const text = `${head}tests:\n  - { name: a, event: '${line}', expect: ${expect} }\n`;
  const located = locate({ text, env: {} });
  const { text: told } = reportTests(located, located.exclusions);
  return told
    .split('\n')
    .filter((line) => /:\d+: exclusion "/.test(line))
    .map((l) => l.trim());
}

t.test('the first part that did not match, of the exclusion that is named', async (t) => {
  const named = '{ excluded_by: backup }';
  t.same(said('backup.example.com', 'svc-bakup', named), [
    ':4:34: exclusion "backup" did not match: user.name|endswith ends with "svc-backup": ' +
      'the event holds "svc-bakup" (suser); "svc-bakup" is close to "svc-backup"',
  ]);
  t.match(said('a.example', 'svc-backup', named), [
    /^:4:\d+: exclusion "backup" did not match: destination\|domain .*"backup\.example\.com": the event holds "a\.example"[^;]*$/,
  ]);
  t.match(said('a.example', 'x', named), [
    /"backup" did not match: user\.name.*; 1 more of its 2 /,
  ]);
});

t.test('of a list of maps, the nearest; and why it is none of its match', async (t) => {
  t.match(said('cdn.example.net', 'eve', '{ excluded_by: old }'), [
    /^:8:\d+: exclusion "old" did not match: user\.name .*the event holds "eve"/,
  ]);
  t.match(said('a.example', 'joe', '{ excluded_by: old }'), [
    /^:7:14: exclusion "old" would match, but has expired after 2025-01-01/,
  ]);
  t.match(said('backup.example.com', 'svc-backup', '{ excluded_by: second }'), [
    /^:11:\d+: exclusion "second" matches too; "backup" stands before it$/,
  ]);
});

t.test('where none is named: those that come near, if an alert was not to be', async (t) => {
  t.match(said('backup.example.com', 'bakup', '{ alert: false }'), [/"backup" did not match/]);
  t.same(said('a.example', 'eve', '{ alert: false }'), []);
  t.same(said('backup.example.com', 'bakup', '{ level: low }'), []);
  t.same(said('a.example', 'eve', '{ excluded_by: backup }', 'a.png'), [], 'none was asked');
});
