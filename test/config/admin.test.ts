// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a variable of the config
/** `admin`: where it may listen, with which token, and what is said of it. */
import { join } from 'node:path';
import t from 'tap';
import { load, problemsOf } from './loading.js';

const token = 'a-token-of-25-characters.';

t.test('by default it is for this machine alone; false is none', async (t) => {
  const defaults = { address: '127.0.0.1', port: 9598, token: null };
  t.strictSame(load('').admin, defaults);
  t.strictSame(load('admin:\n').admin, defaults, 'an empty section');
  t.equal(load('admin: false').admin, null);
  t.match(problemsOf('admin: true'), [/admin: must be a map, or false for none/]);
  t.match(problemsOf('admin: 9598'), [/must be a map/]);
});

t.test('a token comes from the file, a variable, or a file of its own', async (t) => {
  const folder = t.testdir({ token: `${token}\n`, short: 'too short', empty: '' });
  const file = (name: string) => `admin: { token_file: ${join(folder, name)} }`;
  t.equal(load(`admin: { token: "${token}" }`).admin?.token, token);
  t.equal(load('admin: { token: "${T}" }', { T: token }).admin?.token, token);
  t.equal(load(file('token')).admin?.token, token);
  t.match(problemsOf(file('short')), [/admin\.token_file: the token in the file must be 16/]);
  t.match(problemsOf(file('empty')), [/admin\.token_file: the file is empty/]);
  t.match(problemsOf(file('none')), [/admin\.token_file: the file cannot be read/]);
  t.match(problemsOf(`admin: { token: "${token}", token_file: x }`).join(), /one is enough/);
});

t.test('a token is not shown, not even a bad one', async (t) => {
  const bad = problemsOf('admin: { token: "pass word with spaces" }');
  t.match(bad, [/^1:17: admin\.token: must be 16 to 512/]);
  t.notMatch(bad.join(), /pass word/);
});

t.test('where others reach it without a token, it is said loudly', async (t) => {
  const notices = (admin: string) => load(`admin: { ${admin} }`).notices;
  for (const address of ['127.0.0.1', '127.9.9.9', '"::1"', '"::ffff:127.0.0.1"']) {
    t.strictSame(notices(`address: ${address}`), [], address);
  }
  for (const address of ['0.0.0.0', '"::"', '192.0.2.1', '"fe80::1"', '"::ffff:192.0.2.1"']) {
    t.match(notices(`address: ${address}`), [
      /^admin\.address: .* WHOEVER REACHES PORT 9598 READS/,
    ]);
    t.strictSame(notices(`address: ${address}, token: "${token}"`), []);
  }
});

t.test('its port is none of the listeners for syslog', async (t) => {
  const clash = [/admin\.port: port 5514 is that of a listener for syslog/];
  t.match(problemsOf('admin: { port: 5514 }'), clash, '"::" takes it on IPv4 too');
  t.ok(load('admin: { port: 5514 }\nlisten: { tcp: false }').admin, 'UDP has ports of its own');
  t.ok(load('admin: { port: 5514 }\nlisten: { tcp: { address: 192.0.2.1 } }').admin);
});
