import { isIP } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { isAddress } from '../../src/encode/address-text.js';

function check(text: string): boolean {
  const bytes = Buffer.from(`1${text}:`);
  return isAddress(bytes, 1, bytes.length - 1);
}

t.test('addresses are told as Node tells them, but for zones', async (t) => {
  const texts = [
    ...[
      '1.2.3.4',
      '255.255.255.255',
      '0.0.0.0',
      '256.1.1.1',
      '1.2.3',
      '1.2.3.4.',
      '.1.2.3',
      '1..2.3',
    ],
    ...['01.2.3.4', '1.2.3.4.5', '', ':', '::', ':::', '::1', '1::', '1::2::3', '1:2:3:4:5:6:7:8'],
    ...[
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7::',
      '::2:3:4:5:6:7:8',
    ],
    ...['12345::', 'g::', '::ffff:1.2.3.4', '::1.2.3.4:5', '1.2.3.4::', '1:2:3:4:5:6:1.2.3.4', '1'],
    ...[
      '::1.2.3',
      'FE80::ABCD',
      'host',
      '10.0.0.7 ',
      ' 10.0.0.7',
      '10.0.0.7:443',
      '1:2',
      'a.b.c.d',
    ],
  ];
  for (const text of texts) t.equal(check(text), isIP(text) !== 0, text);
  t.notOk(check('fe80::1%eth0'));
});

t.test('any text is told as Node tells it', async () => {
  const near = fc
    .array(fc.constantFrom('1', '255', '256', '0', '.', ':', '::', 'ff', 'abcde', '1.2.3.4'), {
      maxLength: 16,
    })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(near, fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
      return check(text) === (isIP(text) !== 0 && !text.includes('%'));
    }),
    { numRuns: 5000 },
  );
});
