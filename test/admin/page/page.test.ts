/** The files of the page as they are served, and the snapshot. */
import { readdirSync } from 'node:fs';
import t from 'tap';
import { Page } from '../../../src/admin/page/page.js';
import type { Reply } from '../../../src/admin/reply.js';
import { Counters } from '../../../src/observe/counters.js';
import { Verdict } from '../../../src/verdict.js';
import { anAlert } from '../../support/alerts.js';
import { running } from '../seen.js';

const request = { query: new URLSearchParams(), headers: {}, trusted: true };

function make() {
  const onFailure = (err: unknown) => t.fail(String(err));
  const now = () => Date.UTC(2026, 10, 24);
  const options = { state: running(), counters: new Counters(), version: '1.2.3', now, onFailure };
  const page = new Page(options);
  const get = (path: string) => page.routes[path]!.answer(request) as Reply;
  return { page, get };
}

t.test('the files are open, nothing else is; each with its type and a strict policy', async (t) => {
  const { page, get } = make();
  const types = { js: /^text\/javascript/, css: /^text\/css/, '/': /^text\/html/ };
  for (const [path, { open }] of Object.entries(page.routes)) {
    const kind = /\.(js|css)$/.exec(path)?.[1] ?? path;
    t.equal(open === true, kind in types, path);
    if (open !== true) continue;
    const { status, type, body, headers } = get(path);
    t.match({ status, type }, { status: 200, type: types[kind as keyof typeof types] }, path);
    const policy = headers!['Content-Security-Policy']!;
    t.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/);
    t.match(policy, /base-uri 'none'; form-action 'none'; frame-ancestors 'none'/);
    t.notMatch(policy, /unsafe|http/);
    t.ok((body as Buffer).length > 100, path);
    t.equal(get(path).body, body, 'read once');
  }
});

t.test('all that it links or imports is served, nothing is inline or from elsewhere', async (t) => {
  const { page, get } = make();
  const text = (path: string) => String(get(path).body);
  const html = text('/');
  const linked = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, to]) => to!);
  t.notMatch(html, /<script(?![^>]* src=)|<style| style=| on[a-z]+=/i);
  const own = ['/page.js', '/alerts.js', '/charts.js', '/text.js'];
  const imported = own.flatMap((path) =>
    [...text(path).matchAll(/from '\.\/([^']+)'/g)].map(([, to]) => to!),
  );
  const others = new Set(['metrics', 'readyz', 'config', 'data:,']);
  const missing = [...linked, ...imported].filter(
    (to) => !others.has(to) && !(`/${to}` in page.routes),
  );
  t.strictSame(missing, []);
  for (const path of own)
    t.notMatch(text(path), /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(/);
  const served = own.map((path) => path.slice(1));
  const files = readdirSync(new URL('../../../../src/admin/page/assets', import.meta.url));
  t.strictSame(files.sort(), [...served, 'index.html', 'page.css'].sort(), 'no file is forgotten');
});

t.test('the snapshot: all of it in JSON, with the worst of its sentences first', async (t) => {
  const { page, get } = make();
  page.alerts.add(Object.assign(new Verdict(), { alert: anAlert() }));
  t.match(JSON.parse(String(get('/status.json').body)), {
    at: '2026-11-24T00:00:00.000Z',
    version: '1.2.3',
    mood: 'wait',
    sentences: [
      { part: 'intake', mood: 'good' },
      { part: 'output fluentd', mood: 'wait' },
    ],
    rates: [],
    baselines: [
      { direction: 'download', known_hosts: 70, pending_hosts: 8, new_hosts: 2, sizes: [] },
    ],
    alerts: [{ number: 1, host: 'img.example.net', level: 'medium' }],
  });
});
