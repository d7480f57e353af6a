import t from 'tap';
import { listenerName, plainAddress } from '../../src/input/addresses.js';
import { listen } from '../../src/input/listen.js';
import { grantedBytes } from '../../src/input/receive-buffer.js';
import { bench } from './loopback.js';

function failing(code: string): Error {
  return Object.assign(new Error(`bind ${code}`), { code });
}

t.test('without IPv6, "::" becomes 0.0.0.0, and that is said', async (t) => {
  for (const code of ['EAFNOSUPPORT', 'EADDRNOTAVAIL']) {
    const { log, warnings } = bench();
    const tried: string[] = [];
    const plan = { protocol: 'udp', address: '::', port: 5514, log } as const;
    const bound = await listen(plan, async (address) => {
      tried.push(address);
      if (address === '::') throw failing(code);
      return 'bound';
    });
    t.equal(bound, 'bound');
    t.strictSame(tried, ['::', '0.0.0.0']);
    t.strictSame(warnings, ['no IPv6 on this machine: listening on IPv4 only']);
  }
});

t.test('no other address and no other failure falls back', async (t) => {
  const cases = [
    ['fd00::1', 'EADDRNOTAVAIL', 'cannot listen on tcp [fd00::1]:5514: bind EADDRNOTAVAIL'],
    ['::', 'EADDRINUSE', 'cannot listen on tcp [::]:5514: bind EADDRINUSE'],
    ['0.0.0.0', 'EACCES', 'cannot listen on tcp 0.0.0.0:5514: bind EACCES'],
  ] as const;
  for (const [address, code, message] of cases) {
    const { log, warnings } = bench();
    let tries = 0;
    const attempt = async () => {
      tries++;
      throw failing(code);
    };
    await t.rejects(listen({ protocol: 'tcp', address, port: 5514, log }, attempt), {
      code: 'LISTEN_FAILED',
      message,
      hint: /./,
    });
    t.strictSame([tries, warnings], [1, []]);
  }
});

t.test('if IPv4 fails as well, that is the error', async (t) => {
  const { log } = bench();
  const attempt = async (address: string) => {
    throw failing(address === '::' ? 'EAFNOSUPPORT' : 'EADDRINUSE');
  };
  await t.rejects(listen({ protocol: 'tcp', address: '::', port: 1, log }, attempt), {
    message: 'cannot listen on tcp 0.0.0.0:1: bind EADDRINUSE',
  });
});

t.test('an IPv4-mapped address is given as IPv4, no other is changed', async (t) => {
  t.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1');
  t.equal(plainAddress('::FFFF:192.0.2.1'), '192.0.2.1');
  for (const address of [
    '192.0.2.1',
    '::1',
    'fe80::1%eth0',
    '::ffff:c000:201',
    '64:ff9b::1.2.3.4',
  ]) {
    t.equal(plainAddress(address), address);
  }
});

t.test('a listener is named by protocol, address and port', async (t) => {
  t.equal(listenerName('udp', '::', 5514), 'udp [::]:5514');
  t.equal(listenerName('tcp', '0.0.0.0', 5514), 'tcp 0.0.0.0:5514');
});

t.test('Linux reports twice the buffer that it granted', async (t) => {
  t.equal(grantedBytes(8_388_608, 'linux'), 4_194_304);
  t.equal(grantedBytes(4_194_304, 'darwin'), 4_194_304);
});
