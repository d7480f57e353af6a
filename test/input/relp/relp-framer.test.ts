import t from 'tap';
import { RelpFramer } from '../../../src/input/relp/relp-framer.js';
import { relpFrame, relpFramed } from './relp-framed.js';

function heard(text: string, maxMessageBytes?: number): string[] {
  return relpFramed(Buffer.from(text), [], maxMessageBytes).heard;
}

t.test('the frames of a session, as rsyslog sends them', async (t) => {
  const offers =
    'relp_version=0\nrelp_software=1.11.0,librelp,http://librelp.adiscon.com\ncommands=syslog';
  const session = `1 open ${offers.length} ${offers}\n2 syslog 7 <14>a b\n3 syslog 5 <14>c\n4 close 0\n`;
  t.strictSame(heard(session), [
    'open 1',
    'message 2: <14>a b (of 7)',
    'message 3: <14>c (of 5)',
    'close 4',
  ]);
});

t.test('DATA may hold anything: LF, what looks like a frame, any byte', async (t) => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  t.strictSame(relpFramed(relpFrame(7, 'syslog', all)).heard, [
    `message 7: ${all.toString('latin1')} (of 256)`,
  ]);
  t.strictSame(heard('1 syslog 13 2 syslog 1 x\n\n'), ['message 1: 2 syslog 1 x\n (of 13)']);
});

t.test('a frame without DATA, in each form that the grammar has', async (t) => {
  for (const text of ['5 syslog 0\n', '5 syslog 0 \n', '5 syslog \n', '5 syslog\n']) {
    t.strictSame(heard(text), ['message 5:  (of 0)'], JSON.stringify(text));
  }
});

t.test('a message counts when its LF has come, not before', async (t) => {
  t.strictSame(relpFramed(Buffer.from('1 syslog 3 abc')), {
    heard: [],
    pending: true,
    carriedBytes: 1024,
  });
  t.strictSame(heard('1 syslog 3 abc\n'), ['message 1: abc (of 3)']);
});

t.test('a message that lies in the chunk is not copied', async (t) => {
  const chunk = Buffer.from('1 syslog 3 abc\n2 syslog 2 de\n');
  const seen: Buffer[] = [];
  const framer = new RelpFramer({
    maxMessageBytes: 99,
    handler: { message: (bytes) => void seen.push(bytes), command() {}, fault() {} },
  });
  framer.push(chunk, 0);
  t.ok(seen.length === 2 && seen.every((bytes) => bytes === chunk));
  framer.push(Buffer.from('3 sys'), 0);
  const rest = Buffer.from('log 1 x\n');
  framer.push(rest, 0);
  t.equal(seen[2], rest, 'nor is one whose header was cut');
});

t.test('a message longer than the bound is cut, told, and no more of it is held', async (t) => {
  const frame = relpFrame(1, 'syslog', 'x'.repeat(10_000));
  const stream = Buffer.concat([frame, relpFrame(2, 'syslog', 'ok')]);
  const expected = [`message 1: ${'x'.repeat(16)} (of 10000)`, 'message 2: ok (of 2)'];
  t.strictSame(relpFramed(stream, [], 16).heard, expected);
  const cuts = Array.from({ length: stream.length }, (_, i) => i);
  const single = relpFramed(stream, cuts, 16);
  t.strictSame(single.heard, expected);
  t.ok(single.carriedBytes <= 16, `${single.carriedBytes} bytes`);
});

t.test('memory grows with what has come, not with what was announced', async (t) => {
  const { carriedBytes } = relpFramed(Buffer.from('1 syslog 999999999 abc'), [], 16 * 1024 * 1024);
  t.equal(carriedBytes, 1024);
});

t.test('bounds of the fields are those of librelp', async (t) => {
  t.strictSame(heard('999999999 syslog 1 x\n'), ['message 999999999: x (of 1)']);
  t.strictSame(heard(`1 ${'a'.repeat(32)} 0\n`), ['unknown 1']);
  for (const [text, words] of [
    ['1000000000 syslog 1 x\n', 'TXNR has more than 9 digits'],
    [`1 ${'a'.repeat(33)} 0\n`, 'COMMAND has more than 32 letters'],
    ['1 syslog 1000000000 x\n', 'DATALEN has more than 9 digits'],
    ['1 syslog 1 xy\n', 'DATA is longer than its DATALEN says'],
    ['1 syslog 3\n', 'there is less DATA than its DATALEN says'],
    ['1 syslog -1 x\n', 'DATALEN holds something other than digits'],
    ['1 sys_log 1 x\n', 'COMMAND holds something other than letters'],
    ['1  1 x\n', 'COMMAND holds something other than letters'],
    ['1 syslog  x\n', 'DATALEN holds something other than digits'],
    ['0 syslog 1 x\n', 'a message has TXNR 0'],
    ['<14>Oct 11 22:14:15 host a: b\n', 'it begins like syslog without RELP'],
    ['\x16\x03\x01\x02\x00', 'it begins like TLS'],
    ['x', 'there is no TXNR where a frame should begin'],
    [' 1 syslog 1 x\n', 'there is no TXNR where a frame should begin'],
    ['1 syslog 1 x\n<14>', 'there is no TXNR where a frame should begin'],
    ['1\nopen', 'there is no TXNR where a frame should begin'],
  ] as const) {
    const got = heard(text);
    t.ok(got.at(-1)?.startsWith(`fault: ${words}`), `${JSON.stringify(text)}: ${got.join('; ')}`);
  }
});

t.test('commands are told by all of their name', async (t) => {
  t.strictSame(heard('1 Open 0\n2 opens 0\n3 ope 0\n4 rsp 6 200 OK\n0 starttls 0\n'), [
    'unknown 1',
    'unknown 2',
    'unknown 3',
    'unknown 4',
    'unknown 0',
  ]);
});

t.test('after a fault, or a stop within a call, nothing more is heard', async (t) => {
  t.equal(heard('x1 syslog 1 x\n').length, 1);
  const seen: number[] = [];
  const framer: RelpFramer = new RelpFramer({
    maxMessageBytes: 99,
    handler: {
      message: (_bytes, _start, _end, _length, _at, txnr) => void seen.push(txnr),
      command: () => framer.stop(),
      fault() {},
    },
  });
  framer.push(Buffer.from('1 syslog 1 x\n2 close 0\n3 syslog 1 x\n4 sys'), 0);
  framer.push(Buffer.from('log 1 x\n'), 0);
  t.strictSame([seen, framer.pending, framer.carriedBytes], [[1], false, 0]);
});

t.test('a pending frame is as old as its first byte', async (t) => {
  const framer = new RelpFramer({
    maxMessageBytes: 99,
    handler: { message() {}, command() {}, fault() {} },
  });
  framer.push(Buffer.from('1 syslog 1 x\n'), 1);
  t.equal(framer.pending, false);
  framer.push(Buffer.from('2'), 5);
  framer.push(Buffer.from(' syslog 9 '), 6);
  t.strictSame([framer.pending, framer.pendingSinceMs], [true, 5]);
});
