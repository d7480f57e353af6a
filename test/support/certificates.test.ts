/** What the tests' certificates are, seen by Node's own reader of them. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { CertificateAuthority, type IssueOptions } from './certificates.js';

t.test('an authority signs for servers and clients, in time and out of it', async (t) => {
  const folder = t.testdir({});
  const ca = new CertificateAuthority(folder);
  const other = new CertificateAuthority(folder, 'Other CA');
  const certificate = (name: string, options: IssueOptions) => read(ca.issue(name, options).cert);

  const server = certificate('server', { for: 'server' });
  t.ok(server.verify(read(ca.cert).publicKey));
  t.notOk(server.verify(read(other.cert).publicKey));
  t.equal(server.checkHost('localhost'), 'localhost');
  t.equal(server.checkIP('127.0.0.1'), '127.0.0.1');
  t.ok(Date.parse(server.validFrom) < Date.now() && Date.parse(server.validTo) > Date.now());

  t.equal(
    certificate('named', { for: 'server', names: ['DNS:other.test'] }).checkHost('localhost'),
    undefined,
  );
  const expired = certificate('expired', { for: 'client', validity: 'expired' });
  t.ok(Date.parse(expired.validTo) < Date.now());
  t.ok(Date.parse(certificate('x', { for: 'client', validity: 'not_yet' }).validFrom) > Date.now());
});

t.test('keys fit their certificates, encrypted or not', async (t) => {
  const ca = new CertificateAuthority(t.testdir({}));
  const open = ca.issue('open', { for: 'client' });
  t.ok(read(open.cert).checkPrivateKey(createPrivateKey(readFileSync(open.key))));
  const closed = ca.issue('closed', { for: 'client', passphrase: 'sesame' });
  const key = readFileSync(closed.key);
  t.throws(() => createPrivateKey(key));
  t.ok(read(closed.cert).checkPrivateKey(createPrivateKey({ key, passphrase: 'sesame' })));
});

function read(file: string): X509Certificate {
  return new X509Certificate(readFileSync(file));
}
