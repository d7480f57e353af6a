/** One frame in, one filled table out: what decode does besides reading syslog and CEF. */
import t from 'tap';
import { createDecoder } from '../../src/decode/decode.js';
import { Fields, Problem } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { read, reader, receivedAtMs, show, withExtension } from './reading.js';

const peer = { address: '192.0.2.7' };

t.test('the frame is noted as it came', async (t) => {
  const decode = createDecoder({ counters: new Counters() });
  const fields = new Fields(8);
  const bytes = Buffer.from(`xx${withExtension('act=x')}\r\nyy`);
  decode(bytes, 2, bytes.length - 2, bytes.length - 4, receivedAtMs, peer, fields);
  t.equal(fields.raw, bytes);
  t.equal(fields.bytes, bytes);
  t.strictSame([fields.rawStart, fields.rawEnd], [2, bytes.length - 2]);
  t.strictSame([fields.start, fields.end], [2, bytes.length - 2]);
  t.equal(fields.peer, peer);
  t.equal(fields.receivedAtMs, receivedAtMs);
  t.equal(fields.repaired, false);
  t.equal(fields.truncated, false);
  t.equal(show(fields, new Counters()).message, withExtension('act=x'));
});

t.test('every frame is counted once', async (t) => {
  const readNext = reader();
  readNext(withExtension('act=x act=y act=z'));
  readNext('<34>Nov 24 09:00:00 h su: text');
  readNext('');
  readNext('CEF:0|cut');
  const { counters } = readNext(Buffer.from(withExtension('foo=\xff foo=\xfe'), 'latin1'));
  t.match(counters, {
    events: 5,
    events_cef: 3,
    parse_errors: 3,
    invalid_utf8: 1,
    duplicate_keys: 3,
    too_many_fields: 0,
  });
});

t.test('nothing of one event is left over in the next', async (t) => {
  const readNext = reader();
  readNext(`<134>1 2026-11-24T09:00:00Z h app 1 ID [a@1 b="c"] ${withExtension('act=\\= act=x')}`);
  const { fields, ...seen } = readNext('text');
  const fresh = read('text');
  t.match(seen, {
    isCef: false,
    problem: Problem.notCef,
    header: ['', '', '', '', '', '', ''],
    message: 'text',
    host: '',
    app: '',
    proc: '',
    msgId: '',
    sd: '',
    time: '',
    zone: 0,
  });
  t.strictSame({ ...seen.ext }, {});
  for (const name of ['pri', 'count', 'duplicates', 'headerEscaped', 'repaired'] as const) {
    t.equal(fields[name], fresh.fields[name], name);
  }
  const after = readNext('CEF:0|cut');
  t.strictSame(after.header, ['0', 'cut', '', '', '', '', '']);
});

t.test('generations never reach a number that the stamps cannot hold', async (t) => {
  const readNext = reader();
  const { fields } = readNext(withExtension('act=a'));
  fields.generation = 0x3fff_ffff;
  const seen = readNext(withExtension('act=b src=1'));
  t.equal(seen.fields.generation, 1);
  t.equal(seen.fields.duplicates, 0);
  t.strictSame({ ...seen.ext }, { act: 'b', src: '1' });
});

t.test('C35: invalid UTF-8 is repaired in a copy; raw stays as it came', async (t) => {
  const bytes = Buffer.concat([
    Buffer.from('<134>Nov 24 09:00:00 h CEF:0|Ac'),
    Buffer.from([0xc3]),
    Buffer.from('me|Gate|1.0|100|n|3|msg=a'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from(' act=x'),
  ]);
  const { fields, header, ext, host, counters } = read(bytes);
  t.ok(fields.repaired);
  t.equal(header[1], 'Ac\ufffdme');
  t.strictSame({ ...ext }, { msg: 'a\ufffd\ufffd', act: 'x' });
  t.equal(host, 'h');
  t.equal(fields.raw, bytes);
  t.strictSame([fields.rawStart, fields.rawEnd], [0, bytes.length]);
  t.not(fields.bytes, bytes);
  t.strictSame([fields.start, fields.end], [0, fields.bytes.length]);
  t.equal(counters.invalid_utf8, 1);
  t.equal(counters.events, 1);
});

t.test('wherever the invalid byte is, it is seen', async (t) => {
  const text = '<134>1 2026-11-24T09:00:00Z h app 1 ID [a@1 b="c"] CEF:0|A|B|1|2|n|3|act=x foo=y';
  for (let at = 0; at <= text.length; at++) {
    const bytes = Buffer.concat([
      Buffer.from(text.slice(0, at)),
      Buffer.from([0xe2, 0x82]),
      Buffer.from(text.slice(at)),
    ]);
    t.ok(read(bytes).fields.repaired, `at ${at}`);
  }
  for (const cut of ['CEF:0|A|\xff', 'CEF:0|A|x=\xff y=1', 'text \xff', '\xff']) {
    t.ok(read(Buffer.from(cut, 'latin1')).fields.repaired, cut);
  }
  const many = read(Buffer.from(withExtension('a=1 b=2 c=\xff'), 'latin1'), { maxFields: 2 });
  t.ok(many.fields.repaired, 'behind the last field that fits');
});

t.test('valid UTF-8 is no reason for a copy', async (t) => {
  const bytes = Buffer.from(`\ufeff<134>Nov 24 09:00:00 h ${withExtension('msg=日本 😀 á')}`);
  const { fields, ext, counters } = read(bytes);
  t.equal(fields.bytes, bytes);
  t.notOk(fields.repaired);
  t.strictSame({ ...ext }, { msg: '日本 😀 á' });
  t.equal(counters.invalid_utf8, 0);
});

t.test('a cut through a character is no invalid UTF-8', async (t) => {
  const decode = createDecoder({ counters: new Counters() });
  const fields = new Fields(8);
  const whole = Buffer.from(withExtension('msg=a日😀'));
  for (let cut = 1; cut <= 8; cut++) {
    const end = whole.length - cut;
    decode(whole, 0, end, whole.length, receivedAtMs, peer, fields);
    t.ok(fields.truncated);
    t.notOk(fields.repaired, `${cut} bytes short`);
    t.equal(fields.value(0), cut <= 4 ? 'a日' : cut <= 7 ? 'a' : '');
    t.equal(fields.rawEnd, end);
  }
  // Without a cut, the same bytes are damaged.
  decode(whole, 0, whole.length - 1, whole.length - 1, receivedAtMs, peer, fields);
  t.ok(fields.repaired);
  // With one, what is damaged elsewhere is so still.
  const damaged = Buffer.concat([Buffer.from([0xff]), whole]);
  decode(damaged, 0, damaged.length - 1, damaged.length, receivedAtMs, peer, fields);
  t.ok(fields.repaired);
});

t.test('frames of one buffer are read like frames of their own', async (t) => {
  const texts = [
    withExtension('act=x msg=some plain words in a row request=http://h/a/long/path.jpg?x=1\\=2'),
    'text',
    withExtension('msg=ünï a\\b cs1=a\tb act=yy'),
    withExtension('act=x msg=some plain words in a row request=http://h/a/long/path.jpg?x=1\\=2'),
  ];
  const counters = new Counters();
  const decode = createDecoder({ counters });
  const fields = new Fields(32);
  const bytes = Buffer.from(texts.join('\n'));
  for (let round = 0; round < 3; round++) {
    let at = 0;
    for (const text of texts) {
      const length = Buffer.byteLength(text);
      decode(bytes, at, at + length, length, receivedAtMs, peer, fields);
      const { ext, header, message } = show(fields, counters);
      const alone = read(text);
      t.strictSame({ ...ext }, { ...alone.ext });
      t.strictSame(header, alone.header);
      t.equal(message, alone.message);
      at += length + 1;
    }
  }
});
