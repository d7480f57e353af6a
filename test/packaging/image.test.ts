/** The image that the Dockerfile makes, in a folder: what is in it, and that it runs as nobody on a read-only root. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { ForwardServer } from '../support/forward-server.js';
import { Image } from '../support/image.js';
import { requirement } from '../support/peers.js';
import { sendTcp } from '../support/send.js';
import { cliPath, startedSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(120_000);

const line = '<134>CEF:0|v|p|1|1|n|1|cnt=1';

if (requirement(t, Image.possible, 'root that may mount')) {
  const image = Image.build(t, join(dirname(cliPath), '..', 'Dockerfile'));
  const { dockerfile } = image;

  t.test('only what runs is in it', async (t) => {
    const app = join(image.root, 'app');
    t.strictSame(readdirSync(app).sort(), ['LICENSE', 'dist', 'node_modules', 'package.json']);
    const dist = readdirSync(join(app, 'dist'), { recursive: true, encoding: 'utf8' });
    t.ok(dist.includes('cli.js'));
    t.strictSame(
      dist.filter((file) => /\.(map|d\.ts)$/.test(file)),
      [],
    );
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(app, 'package.json'), 'utf8'),
    );
    for (const name of Object.keys(dependencies))
      t.ok(existsSync(join(app, 'node_modules', name)), name);
    for (const name of Object.keys(devDependencies))
      t.notOk(existsSync(join(app, 'node_modules', name)), name);
  });

  t.test(
    'it runs as nobody, writes to its volume alone, and drains when it is stopped',
    async (t) => {
      const fluentd = await ForwardServer.start(t);
      configure(image, { 5514: 0, 24224: fluentd.port, 9598: 0 });
      const command = [...dockerfile.words('ENTRYPOINT'), ...dockerfile.words('CMD')];
      const sidecar = await startedSidecar(image.run(command), (end) => t.teardown(end));
      await sendTcp(sidecar.tcpPort, [line]);
      await until('the event', () => fluentd.records('stegwatch.event').length === 1);
      t.equal(await sidecar.stop(dockerfile.one('STOPSIGNAL') as NodeJS.Signals), 0);
      const data = join(image.root, dockerfile.one('VOLUME'), 'data');
      t.strictSame(readdirSync(data).sort(), ['baseline', 'spool']);
      const [uid, gid] = dockerfile.one('USER').split(':').map(Number);
      const made = statSync(join(data, 'spool'));
      t.strictSame([made.uid, made.gid], [uid, gid]);
    },
  );

  t.test('nothing else can be written to, not even by root', async (t) => {
    for (const user of [dockerfile.one('USER'), '0:0']) {
      for (const path of ['/app/x', '/etc/stegwatch/x', '/tmp', '/x']) {
        const { code, said } = await ended(t, image.run(['touch', path], user));
        t.not(code, 0, `${user} ${path}`);
        t.match(said, user === '0:0' ? /Read-only/ : /denied|Read-only/);
      }
      t.match(await ended(t, image.run(['touch', 'x'], user)), { code: 0 }, 'but the volume');
    }
  });

  t.test('its health check asks the admin page of its config', async (t) => {
    const page = createServer((request, response) => {
      response.writeHead(request.url === '/readyz' ? 200 : 404).end();
    }).listen(0, '127.0.0.1');
    t.teardown(() => page.close());
    await once(page, 'listening');
    configure(image, { 9598: (page.address() as AddressInfo).port });
    const check = dockerfile.words('HEALTHCHECK');
    t.match(await ended(t, image.run(check)), { code: 0, said: 'ready\n' });
    configure(image, { 9598: 0 });
    t.match(await ended(t, image.run(check)), { code: 69 });
  });
}

/** The config of the image with other ports. */
function configure(image: Image, ports: Readonly<Record<number, number>>): void {
  let text = readFileSync(join(dirname(cliPath), '..', 'config', 'stegwatch.yaml'), 'utf8')
    .replace('#address: 127.0.0.1', 'address: 127.0.0.1')
    .replace('#port: 9598', 'port: 9598');
  for (const [from, to] of Object.entries(ports))
    text = text.replaceAll(new RegExp(`^( *(?:- )?port: )${from}$`, 'gm'), `$1${to}`);
  writeFileSync(join(image.root, 'etc/stegwatch/stegwatch.yaml'), text);
}

async function ended(t: Test, child: ReturnType<Image['run']>) {
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (text) => {
      said += text;
    });
  const [code] = await once(child, 'close');
  return { code, said };
}
