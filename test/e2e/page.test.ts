/** The status page of the real program in a real Chromium: what a person sees, and that nobody else writes it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { learnHistory } from '../support/learned.js';
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
    const evil = '<img/src=x/onerror=document.title="owned">';
    send({ host: evil, bytes: 9_000_000, user: '<script>document.title="owned"</script>' });
    send({ vendor: '<b>bold</b>', host: 'other.example', bytes: 8_000_000 });
    await page.locator('#rows tr').nth(1).waitFor();
    const text = await page.locator('#rows').textContent();
    t.match(text, /<script>document\.title="owned"<\/script>/);
    await page.locator('#sentences', { hasText: '<b>bold</b>' }).waitFor();
    t.equal(await page.locator('main img, main script, #sentences b, #rows b').count(), 0);
    t.equal(await page.title(), 'stegwatch');
    t.strictSame(trouble, [], 'no dialog, no error, no violation, no request to elsewhere');
  });

  t.test('the filter, by keyboard alone; dark mode; no threshold yet', async (t) => {
    const { page, send, trouble } = await open(t, browser, { history: false, dark: true });
    await page.getByText('no threshold yet').waitFor();
    t.match(
      await page.locator('#sentences').textContent(),
      /not ready: the lookback holds no JPEG/,
    );
    const ground = await page.evaluate(
      'getComputedStyle(document.body.parentElement).backgroundColor',
    );
    t.equal(ground, 'rgb(22, 23, 21)');
    await page.keyboard.press('Tab');
    t.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the alerts');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    t.equal(await page.evaluate('document.activeElement.id'), 'filter');
    await page.keyboard.type('nothing like it');
    send({ host: 'fresh.example', bytes: 9_000_000 });
    t.equal(await page.locator('#rows tr').count(), 0);
    t.strictSame(trouble, []);
  });

  t.test(
    'with a token it is asked for, kept for the session, and refused if it is wrong',
    async (t) => {
      const token = 'correct-horse-battery-staple';
      const { page } = await open(t, browser, { more: `token: ${token}` });
      await page.locator('#token').fill('not-the-right-one-at-all');
      await page.keyboard.press('Enter');
      await page.getByText('That is not the token.').waitFor();
      t.equal(await page.locator('main').isVisible(), false);
      await page.locator('#token').fill(token);
      await page.keyboard.press('Enter');
      await page.getByText('events are taken in').waitFor();
      await page.reload();
      await page.getByText('events are taken in').waitFor();
      t.notOk((await page.content()).includes(token));
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
  });
}

interface Opened {
  readonly page: Page;
  readonly sidecar: Sidecar;
  readonly fluentd: ForwardServer;
  /** Whatever a page should not do, in words. */
  readonly trouble: readonly string[];
  send(event: { host: string; bytes: number; user?: string; vendor?: string }): void;
}

async function open(
  t: Test,
  browser: Browser,
  { history = true, dark = false, more = '' } = {},
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
  const context = await browser.newContext({ colorScheme: dark ? 'dark' : 'light' });
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
    send: ({ host, bytes, user = 'dana', vendor = 'Zscaler' }) => {
      const fields = `in=${bytes} dhost=${host} suser=${user} fileType=Jpeg Files requestMethod=GET`;
      socket.write(
        `<134>CEF:0|${vendor}|NSSWeblog|5.7|200|page|3|${fields} request=http://x.example/a.jpg\n`,
      );
    },
  };
}
