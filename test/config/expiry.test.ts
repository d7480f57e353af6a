/** What has ended, or soon will, is said before anything else. */
import t from 'tap';
import { describeConfig } from '../../src/config/effective.js';
import { expiryNotices } from '../../src/config/expiry.js';
import { load } from './loading.js';

const expiring = (day: string) =>
  load(`exclusions: [ { name: scan, reason: r, expires: ${day}, match: { suser: a } } ]`);
const end = Date.UTC(2027, 1, 1) - 1;
const dayMs = 86_400_000;

t.test('up to its last millisecond it expires today, then it has expired', async (t) => {
  const at = (ms: number) => expiryNotices(expiring('2027-01-31'), ms);
  t.strictSame(at(end), ['exclusions: "scan": expires today, after 2027-01-31']);
  t.strictSame(at(end + 1), [
    'exclusions: "scan": EXPIRED after 2027-01-31; it no longer applies: remove it, or set a later day',
  ]);
});

t.test('the last 14 days are counted, and nothing is said before', async (t) => {
  const at = (ms: number) => expiryNotices(expiring('2027-01-31'), ms);
  t.strictSame(at(end - dayMs), ['exclusions: "scan": expires in 1 day, after 2027-01-31']);
  t.match(at(end - 14 * dayMs + 1), [/expires in 13 days/]);
  t.strictSame(at(end - 14 * dayMs), []);
  t.strictSame(
    expiryNotices(load('exclusions: [ { name: a, reason: b, match: { c: d } } ]'), end),
    [],
  );
});

t.test('what has expired stands first, and before the other notices of validate', async (t) => {
  const config = load(`
exclusions:
  - { name: soon, reason: r, expires: 2027-02-01, match: { suser: a } }
  - { name: old, reason: r, expires: 2026-01-01, match: { suser: a } }
admin: { address: 0.0.0.0 }
`);
  const words = describeConfig(config, end);
  const notices = words.slice(words.indexOf('notices\n')).split('\n').slice(1, -1);
  t.match(notices, [
    /"old": EXPIRED after 2026-01-01/,
    /"soon": expires in 1 day/,
    /^ {2}admin.address: 0\.0\.0\.0/,
  ]);
});

t.test('a name cannot write to the terminal', async (t) => {
  const text =
    'exclusions: [ { name: "\\u202ex", reason: r, expires: 2026-01-01, match: { a: b } } ]';
  t.match(expiryNotices(load(text), end), [/^exclusions: "\\u202ex": EXPIRED/]);
});
