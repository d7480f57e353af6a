/** Who gets which answer: Host, token, method, body, path. */
import t from 'tap';
import { Access } from '../../src/admin/access.js';
import { json } from '../../src/admin/reply.js';
import { type RawRequest, Router } from '../../src/admin/router.js';

const token = 'a-token-of-25-characters.';

function router({ loopback = true, withToken = false } = {}) {
  let denied = 0;
  const access = new Access(
    { address: '127.0.0.1', port: 1, token: withToken ? token : null },
    loopback,
  );
  const made = new Router(
    {
      '/metrics': { answer: ({ query }) => json(200, { a: query.get('a') }) },
      '/healthz': { open: true, answer: ({ trusted }) => json(200, { trusted }) },
    },
    access,
    () => denied++,
  );
  const answer = (request: Partial<RawRequest>) =>
    made.answer({ method: 'GET', target: '/metrics', headers: { host: 'localhost' }, ...request });
  return { answer, denied: () => denied };
}

const hosts = {
  ours: 'localhost localhost:9598 LOCALHOST:80 127.0.0.1 127.0.0.1:1 127.1.2.3:9598 [::1] [::1]:9598',
  foreign:
    'evil.example evil.example:9598 127.0.0.1.evil.example localhost.evil.example evil-localhost ' +
    '[::2] 10.0.0.1 0.0.0.0 127.0.0.1:9598:1 127.0.0.1@evil.example',
};

t.test('on loopback the Host is this machine, whatever its port', async (t) => {
  const { answer } = router();
  for (const host of hosts.ours.split(' '))
    t.match(await answer({ headers: { host } }), { status: 200 }, host);
  for (const host of hosts.foreign.split(' ')) {
    t.match(await answer({ headers: { host } }), { status: 421 }, host);
    t.match(await answer({ headers: { host }, target: '/healthz' }), { status: 421 }, host);
  }
  t.match(await answer({ headers: {} }), { status: 421 }, 'none');
});

t.test('elsewhere nobody knows by which name we are reached', async (t) => {
  const { answer } = router({ loopback: false });
  t.match(await answer({ headers: { host: 'stegwatch.monitoring.svc:9598' } }), { status: 200 });
});

t.test('with a token a request must carry it, open routes excepted', async (t) => {
  const { answer, denied } = router({ withToken: true });
  const asks = (authorization?: string, target = '/metrics') =>
    answer({ target, headers: { host: 'localhost', ...(authorization && { authorization }) } });
  for (const right of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token} `]) {
    t.match(await asks(right), { status: 200 }, right);
  }
  t.equal(denied(), 0);
  const wrong = [
    '',
    token,
    `Basic ${token}`,
    'Bearer',
    'Bearer ',
    `Bearer ${token}x`,
    `Bearer x${token}`,
  ];
  wrong.push(`Bearer ${token.slice(1)}`, `Bearer ${token} ${token}`, `Bearer ${'x'.repeat(8000)}`);
  for (const value of wrong) {
    t.match(
      await asks(value),
      { status: 401, headers: { 'WWW-Authenticate': /^Bearer/ } },
      value.slice(0, 40),
    );
  }
  t.equal(denied(), wrong.length);
  t.match(await asks(undefined, '/nothing'), { status: 401 }, 'nor which paths there are');
  t.match(await asks(undefined, '/healthz'), { status: 200, body: /"trusted": false/ });
  t.match(await asks(`Bearer ${token}`, '/healthz'), { status: 200, body: /"trusted": true/ });
});

t.test('GET and HEAD only, and no body', async (t) => {
  const { answer } = router();
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'get', '']) {
    t.match(await answer({ method }), { status: 405, headers: { Allow: 'GET, HEAD' } }, method);
  }
  t.match(await answer({ method: 'HEAD' }), { status: 200 });
  const withBody = (headers: object) => answer({ headers: { host: 'localhost', ...headers } });
  t.match(await withBody({ 'content-length': '1' }), { status: 413 });
  t.match(await withBody({ 'transfer-encoding': 'chunked' }), { status: 413 });
  t.match(await withBody({ 'content-length': '0' }), { status: 200 });
});

t.test('what is not there is said without repeating what was asked for', async (t) => {
  const { answer } = router();
  for (const target of [
    '/',
    '/<script>',
    '/__proto__',
    '/constructor',
    '//metrics',
    '/metrics/',
    '*',
  ]) {
    const reply = await answer({ target });
    t.match(reply, { status: 404, body: 'There is: /metrics /healthz\n' }, target);
  }
  t.match(await answer({ target: '/metrics?a=b%20c' }), { status: 200, body: /"a": "b c"/ });
});
