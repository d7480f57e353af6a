/** No secret is in anything that the program prints, whatever goes wrong. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { CertificateAuthority } from '../support/certificates.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { sendTcp } from '../support/send.js';
import { cliPath, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(120_000);

const secrets = {
  sharedKey: 'sharedkey-d41d8cd98f',
  password: 'password-00b204e980',
  passphrase: 'passphrase-0998ecf842',
};
const folder = testFolder(t, {
  key: `${secrets.sharedKey}\n`,
  password: secrets.password,
  passphrase: secrets.passphrase,
});
const ca = new CertificateAuthority(folder);
const client = ca.issue('client', { for: 'client', passphrase: secrets.passphrase });
const secret = new RegExp(
  Object.values(secrets)
    .flatMap((text) => [text, Buffer.from(text).toString('base64').slice(0, 16)])
    .join('|'),
);

const login = `
    shared_key_file: ${join(folder, 'key')}
    username: joe
    password_file: ${join(folder, 'password')}`;
const tls = `
    tls:
      ca: ${ca.cert}
      cert: ${client.cert}
      key: ${client.key}
      key_passphrase_file: ${join(folder, 'passphrase')}`;

function yaml(ports: readonly number[], ...parts: readonly string[]): string {
  const servers = ports.map((port) => `{ host: 127.0.0.1, port: ${port} }`).join(', ');
  return `listen:
  udp: { address: 127.0.0.1, port: 0 }
  tcp: { address: 127.0.0.1, port: 0 }
forward:
  fluentd:
    recover_wait: 100ms
    servers: [ ${servers} ]${parts.join('')}
`;
}

t.test(
  'run: logins refused, servers untrusted, keys that turn bad, replies that echo',
  async (t) => {
    const server = ca.issue('server', { for: 'server', names: ['DNS:other.test'] });
    const pem = { cert: readFileSync(server.cert), key: readFileSync(server.key) };
    const refuses = await ForwardServer.start(t, { security: { sharedKey: 'another' } });
    const echo = createServer((socket) => {
      socket.on('error', () => {});
      socket.pipe(socket);
    }).listen(0, '127.0.0.1');
    t.teardown(() => echo.close());
    await until('it listens', () => echo.listening);
    const { port } = echo.address() as { port: number };
    const untrusted = await ForwardServer.start(t, {}, pem);
    const configs = [yaml([refuses.port, port], login), yaml([untrusted.port, port], login, tls)];
    for (const text of configs) {
      const own = testFolder(t, {});
      const sidecar = await startSidecar(own, text, (end) => t.teardown(end));
      await sendTcp(sidecar.tcpPort, ['<14>CEF:0|a|b|1|1|n|1|']);
      await sidecar.said(/^cannot deliver/);
      if (text.includes('tls:')) {
        const whole = readFileSync(client.key);
        writeFileSync(client.key, whole.subarray(0, 100));
        await new Promise((resolve) => setTimeout(resolve, 1000));
        writeFileSync(client.key, whole);
      }
      await sidecar.kill();
      const printed = JSON.stringify(sidecar.log);
      t.match(printed, /cannot deliver/);
      t.notMatch(printed, secret);
    }
  },
);

t.test('validate: a good config, and each kind of mistake around a secret', async (t) => {
  const validate = (text: string, env: NodeJS.ProcessEnv = {}): string => {
    const file = join(folder, 'validate.yaml');
    writeFileSync(file, text);
    const { stdout, stderr } = spawnSync(process.execPath, [cliPath, 'validate', '-c', file], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    return stdout + stderr;
  };
  copyFileSync(join(folder, 'key'), join(folder, 'validate.key'));
  const { sharedKey, password, passphrase } = secrets;
  const outputs = [
    [validate(yaml([1], login, tls)), /a shared key, a password, a user/],
    [validate(yaml([1], `\n    shared_key: ${sharedKey}\n    password: [${password}]`)), /problem/],
    [validate(yaml([1], login, `\n    password: ${password}`)), /one is enough/],
    [
      validate(yaml([1], `\n    shared_key: \${KEY}\n    shared_kye: x`), { KEY: sharedKey }),
      /problem/,
    ],
    [validate(yaml([1], `\n    tls: { key_passphrase: ${passphrase} }`)), /unknown key/],
    [
      validate(yaml([1], tls.replace('/passphrase', '/password'))),
      /encrypted with another passphrase/,
    ],
  ] as const;
  for (const [printed, expected] of outputs) {
    t.match(printed, expected);
    t.notMatch(printed, secret);
  }
});
