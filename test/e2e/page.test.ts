/** The status page of the real program in a real Chromium: what a person sees, and that nobody else writes it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { Snapshot } from '../../src/admin/page/snapshot.js';
import { ask } from '../admin/asking.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { learnHistory } from '../support/learned.js';
import { readMetrics } from '../support/metrics.js';
import { type Samples, says, seriesOf } from '../support/page-sentences.js';
import { findProgram, requirement } from '../support/peers.js';
import { type Sidecar, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(180_000);

const path = findProgram('chromium');
if (requirement(t, path !== null, 'Chromium (.ci/install-peers installs it)')) {
  const browser: Browser = await chromium.launch({
    executablePath: path!,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  t.teardown(() => browser.close());

  t.test('an alert sent over syslog shows within 2 s, with its reason', async (t) => {
    const { page, send, trouble } = await open(t, browser);
    await page.getByText('events are taken in').waitFor();
    await page.locator('#sizes canvas').waitFor();
    const sentMs = performance.now();
    send({ host: 'fresh.example', bytes: 9_000_000 });
    await page.locator('#rows tr', { hasText: 'fresh.example' }).waitFor();
    const ms = performance.now() - sentMs;
    t.ok(ms < 2000, `${Math.round(ms)} ms`);
    t.match(await page.locator('#rows tr').textContent(), /never seen before/);
    t.equal(await page.locator('#verdict').textContent(), 'All is well');
    // The second one of the same host is held back, and shown as such.
    send({ host: 'fresh.example', bytes: 9_000_000 });
    await page.locator('#rows tr.held', { hasText: 'repeat' }).waitFor();
    await page.locator('#held').focus();
    await page.keyboard.press('Space');
    t.equal(await page.locator('#rows tr').count(), 1);
    t.strictSame(trouble, []);
  });

  t.test('what a sender writes stays text, and nothing leaves for elsewhere', async (t) => {
    const { page, send, trouble } = await open(t, browser);
    const image = '<img src=x onerror=alert(1)>';
    const script = '<script>document.title="owned"</script>';
    send({ host: image, bytes: 9_000_000, user: script, path: `${image}.jpg` });
    send({ vendor: '<b>bold</b>', host: 'other.example', bytes: 8_000_000 });
    await page.locator('#rows tr').nth(1).waitFor();
    t.equal(await page.locator('#rows .host').nth(1).textContent(), image);
    t.equal(await page.locator('#rows .account').nth(1).textContent(), script);
    t.match(await page.locator('#rows .url').nth(1).textContent(), image);
    t.match(
      await page.locator('#rows .reason').nth(1).textContent(),
      `${image}.jpg (8.6 MiB) from ${image}`,
    );
    await page.locator('#sentences', { hasText: '<b>bold</b>' }).waitFor();
    t.equal(await page.locator('main :is(img, script, b, iframe, style)').count(), 0);
    t.equal(await page.title(), 'stegwatch');
    t.strictSame(trouble, [], 'no dialog, no error, no violation, no request to elsewhere');
  });

  t.test('script that got in nevertheless would not run', async (t) => {
    const { page } = await open(t, browser);
    const blocked = await page.evaluate(`new Promise((resolve) => {
      addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
      const script = document.createElement('script');
      script.textContent = 'document.title = "owned"';
      document.body.append(script);
    })`);
    t.match(blocked, 'script-src');
    t.equal(await page.title(), 'stegwatch');
  });

  t.test('more alerts than are kept: the newest are, and it says so', async (t) => {
    const { page, send, trouble } = await open(t, browser);
    for (let i = 1; i <= 600; i++) send({ host: `h${i}.example`, bytes: 9_000_000 });
    await page.locator('#rows .host').getByText('h600.example', { exact: true }).waitFor();
    await page.getByText('500 of the last 500 shown').waitFor();
    t.equal(await page.locator('#rows tr').count(), 500);
    // Of yesterday if midnight has just passed.
    t.match(await page.locator('#sizes-words').textContent(), /today (more than 500|\d+) raised/);
    t.equal(await page.locator('#hosts .number').nth(1).textContent(), '600', 'pending');
    t.strictSame(trouble, []);
  });

  t.test('the numbers that the page reckons itself are those of /metrics', async (t) => {
    const { page, send, sidecar, trouble } = await open(t, browser);
    await until('a first step of the chart', async () => (await ratesOf(sidecar)).length > 0);
    for (let i = 1; i <= 7; i++) send({ host: `h${i}.example`, bytes: 9_000_000 + i });
    for (let i = 1; i <= 3; i++) send({ host: 'h1.example', bytes: 9_000_000 });
    for (let i = 1; i <= 40; i++) send({ host: 'known1.example', bytes: 60_000 });
    await page.getByText('10 of 10 shown').waitFor();
    let samples = await metricsOf(sidecar);
    await until('all are counted and delivered', async () => {
      samples = await metricsOf(sidecar);
      const acked = samples.get('stegwatch_output_acked_events_total{output="fluentd"}');
      return samples.get('stegwatch_events_total{}') === 50 && acked === 50;
    });
    const of = (name: string, labels = 'direction="download"') =>
      samples.get(`stegwatch_${name}{${labels}}`)!;
    const delivered = page.locator('#sentences li', { hasText: 'output fluentd' });
    await delivered
      .getByText(`${of('output_acked_events_total', 'output="fluentd"')} events`)
      .waitFor();

    await until('the chart has it', async () => sum(await ratesOf(sidecar), 1) === 50, 15_000);
    t.equal(sum(await ratesOf(sidecar), 2), of('jpeg_events_total', ''));
    await until('its words say the same', async () => {
      const rates = await ratesOf(sidecar);
      const most = Math.max(...rates.map(([, events]) => events));
      const [, events, jpegs] = rates.at(-1)!;
      const said = `${events} now, ${jpegs} of them JPEGs; at most ${most}`;
      return (await page.locator('#rate-words').textContent()) === said;
    });

    const words = (await page.locator('#sizes-words').textContent())!;
    const [, sizes, hours, threshold, raised, held] =
      /^(\S+) sizes in (\S+) hours; larger than (.*) is large; today (\S+) raised, (\S+) held back$/.exec(
        words,
      ) ?? [];
    t.ok(says(sizes!, of('baseline_samples')), words);
    t.ok(says(hours!, of('baseline_history_seconds') / 3600), words);
    t.ok(says(threshold!, of('baseline_threshold_bytes')), words);
    // Fewer if midnight has just passed.
    const today = new Date().toISOString().slice(0, 10);
    const shownToday = (await page
      .locator('#rows time, #rows .time')
      .evaluateAll(
        `(cells) => cells.filter((cell) => cell.title.startsWith('${today}')).length`,
      )) as unknown as number;
    const alerts = seriesOf(samples, 'alerts_total').reduce((a, b) => a + b, 0);
    const suppressed = of('suppressed_alerts_total', 'by="repeat"');
    t.strictSame([alerts, suppressed], [7, 3]);
    if (shownToday === 10) {
      t.ok(says(raised!, alerts), words);
      t.ok(says(held!, suppressed), words);
    }

    t.strictSame(
      await page.locator('#hosts .number').allTextContents(),
      [
        of('baseline_hosts', 'direction="download",state="known"'),
        of('baseline_hosts', 'direction="download",state="pending"'),
        of('baseline_new_hosts'),
        of('baseline_max_hosts'),
      ].map((value) => value.toLocaleString('en')),
    );
    for (const level of ['low', 'medium', 'high', 'critical']) {
      const shown = await page.locator(`#rows .level[data-level="${level}"]`).count();
      t.equal(shown, of('alerts_total', `level="${level}"`), level);
    }
    t.equal(await page.locator('#rows tr.held').count(), suppressed);
    await page.locator('#held').uncheck();
    await page.getByText(`${alerts} of ${alerts + suppressed} shown`).waitFor();
    t.ok(says((await page.locator('#rows .size').first().textContent())!, 9_000_007));
    t.strictSame(trouble, []);
  });

  t.test('the filter, by keyboard alone', async (t) => {
    const { page, send, trouble } = await open(t, browser);
    const focused = (what: string) => page.evaluate(`document.activeElement.${what}`);
    send({ host: 'fresh.example', bytes: 9_000_000 });
    send({ host: 'other.example', bytes: 8_000_000 });
    send({ host: 'other.example', bytes: 8_000_000 });
    await page.locator('#rows tr').nth(2).waitFor();
    await page.keyboard.press('Tab');
    t.equal(await focused('textContent'), 'Skip to the alerts');
    t.ok((await page.locator('.skip').boundingBox())!.width > 100, 'seen while it has the focus');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    t.equal(await focused('id'), 'filter');
    t.equal(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'solid');
    await page.keyboard.type('HIGH fresh');
    await page.getByText('1 of 3 shown').waitFor();
    t.strictSame(await page.locator('#rows .host').allTextContents(), ['fresh.example']);
    await page.keyboard.type(' nothing like it');
    await page.getByText('No alert fits the filter.').waitFor();
    send({ host: 'fresh.example', bytes: 9_000_000 });
    await page.getByText('0 of 4 shown').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('4 of 4 shown').waitFor();
    await page.keyboard.press('Tab');
    t.equal(await focused('id'), 'held');
    await page.keyboard.press('Space');
    await page.getByText('2 of 4 shown').waitFor();
    t.strictSame(trouble, []);
  });

  t.test('dark, narrow, without motion; no threshold yet', async (t) => {
    const { page, sidecar, trouble } = await open(t, browser, {
      history: false,
      context: {
        colorScheme: 'dark',
        reducedMotion: 'reduce',
        viewport: { width: 320, height: 640 },
      },
    });
    await page.getByText('no threshold yet').waitFor();
    t.match(
      await page.locator('#sentences').textContent(),
      /not ready: the lookback holds no JPEG/,
    );
    t.equal(await page.locator('#verdict').textContent(), 'Working, not yet complete');
    const computed = (what: string) =>
      page.evaluate(`getComputedStyle(document.documentElement).${what}`);
    t.equal(await computed('backgroundColor'), 'rgb(22, 23, 21)');
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 320, 'nothing sticks out');
    await page.emulateMedia({ colorScheme: 'light' });
    t.equal(await computed('backgroundColor'), 'rgb(250, 250, 248)');
    t.equal(await page.locator('.chart canvas').count(), 2, 'drawn anew in its colours');
    t.ok(sidecar.adminUrl);
    t.strictSame(trouble, []);
  });

  t.test(
    'with a token it is asked for, kept for the session, and refused if it is wrong',
    async (t) => {
      const token = 'correct-horse-battery-staple';
      const { page } = await open(t, browser, { more: `token: ${token}` });
      t.equal(await page.evaluate('document.activeElement.id'), 'token');
      await page.keyboard.type('not-the-right-one-at-all');
      await page.keyboard.press('Enter');
      await page.getByText('That is not the token.').waitFor();
      t.equal(await page.locator('main').isVisible(), false);
      await page.keyboard.type(token);
      await page.keyboard.press('Enter');
      await page.getByText('events are taken in').waitFor();
      t.equal(await page.locator('#login').isVisible(), false);
      t.equal(await page.locator('#more').isVisible(), false, 'a link would not carry it');
      await page.reload();
      await page.getByText('events are taken in').waitFor();
      t.notOk((await page.content()).includes(token));
      t.equal(await page.evaluate('localStorage.length + document.cookie.length'), 0);
    },
  );

  t.test('an output that is away, and the end of the process, are said', async (t) => {
    const { page, send, sidecar, fluentd } = await open(t, browser);
    await fluentd.stop();
    send({ host: 'a.example', bytes: 10 });
    await page.getByText(/away or does not keep up: .*event/).waitFor({ timeout: 25_000 });
    t.equal(await page.locator('#verdict').textContent(), 'Needs a look');
    await sidecar.kill();
    await page.getByText(/^Not connected/).waitFor();
    t.match(await page.locator('main').getAttribute('class'), 'stale');
  });
}

async function metricsOf({ adminUrl }: Sidecar): Promise<Samples> {
  return readMetrics((await ask(`${adminUrl}/metrics`)).body).samples;
}

async function ratesOf({ adminUrl }: Sidecar): Promise<Snapshot['rates']> {
  return JSON.parse((await ask(`${adminUrl}/status.json`)).body).rates;
}

/** Events of all steps: their rates are rounded to a tenth, and so are exact for steps of less than ten seconds. */
function sum(rates: Snapshot['rates'], place: 1 | 2): number {
  const ofStep = (step: Snapshot['rates'][number], i: number) =>
    step[place] === 0 ? 0 : Math.round((step[place] * (step[0] - rates[i - 1]![0])) / 1000);
  return rates.reduce((all, step, i) => all + ofStep(step, i), 0);
}

interface Opened {
  readonly page: Page;
  readonly sidecar: Sidecar;
  readonly fluentd: ForwardServer;
  /** Whatever a page should not do, in words. */
  readonly trouble: readonly string[];
  send(event: Sent): void;
}

interface Sent {
  readonly host: string;
  readonly bytes: number;
  readonly user?: string;
  readonly vendor?: string;
  readonly path?: string;
}

interface Options {
  /** Six days of it, so that the baseline is ready. */
  readonly history?: boolean;
  readonly context?: BrowserContextOptions;
  /** In `admin`. */
  readonly more?: string;
}

async function open(
  t: Test,
  browser: Browser,
  { history = true, context: looks = {}, more = '' }: Options = {},
): Promise<Opened> {
  const folder = testFolder(t, {});
  const fluentd = await ForwardServer.start(t);
  const yaml = `listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
admin: { port: 0, ${more} }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${fluentd.port} } ] } }
`;
  if (history) learnHistory(folder, yaml);
  const sidecar = await startSidecar(folder, yaml, t.teardown.bind(t));
  const socket: Socket = connect(sidecar.tcpPort, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  const context = await browser.newContext({ colorScheme: 'light', ...looks });
  t.teardown(() => context.close());
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'log') trouble.push(message.text());
  });
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('dialog', (dialog) => {
    trouble.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${sidecar.adminUrl}/`) && url !== 'data:,') trouble.push(`request ${url}`);
  });
  await page.goto(`${sidecar.adminUrl}/`);
  await until(
    'it is live',
    async () => (await page.locator('#verdict').textContent()) !== 'Connecting …',
  );
  return {
    ...{ page, sidecar, fluentd, trouble },
    send: ({ host, bytes, user = 'dana', vendor = 'Zscaler', path = 'a.jpg' }) => {
      const of = (value: string) => value.replace(/[\\=]/g, '\\$&');
      const fields = `in=${bytes} dhost=${of(host)} suser=${of(user)} fileType=Jpeg Files`;
      const request = of(`http://x.example/${path}`);
      socket.write(`<134>CEF:0|${vendor}|NSSWeblog|5.7|200|page|3|${fields} request=${request}\n`);
    },
  };
}
