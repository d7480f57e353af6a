/**
 * Each case is a stream and the frames that must come of it. All are run whole, cut in two at every
 * place, one byte a chunk, and (short ones) cut in three at every pair of places: the frames, their
 * lengths and the counters must always be the same.
 */
import t from 'tap';
import { counted, type Framed, framed } from './framed.js';

interface Case {
  readonly rule: string;
  readonly stream: string | Buffer;
  readonly frames: readonly string[];
  readonly lengths?: readonly number[];
  readonly max?: number;
  readonly truncated?: number;
  readonly empty?: number;
  readonly resyncs?: number;
}

const cef = 'CEF:0|V|P|1|1|n|3|in=1';
const long = `<14>${'x'.repeat(60)}`;

const newline: Case[] = [
  { rule: 'LF ends a frame', stream: '<1>a\n<2>b\n', frames: ['<1>a', '<2>b'] },
  { rule: 'CR LF ends a frame', stream: '<1>a\r\n<2>b\r\n', frames: ['<1>a', '<2>b'] },
  { rule: 'NUL ends a frame', stream: '<1>a\0<2>b\0', frames: ['<1>a', '<2>b'] },
  { rule: 'LF NUL ends one frame', stream: '<1>a\n\0<2>b\n\0', frames: ['<1>a', '<2>b'] },
  { rule: 'NUL LF ends one frame', stream: '<1>a\0\n<2>b\0\n', frames: ['<1>a', '<2>b'] },
  { rule: 'a CR within is content', stream: '<1>a\rb\n', frames: ['<1>a\rb'] },
  {
    rule: 'the end of the stream ends the last frame',
    stream: '<1>a\n<2>b',
    frames: ['<1>a', '<2>b'],
  },
  { rule: 'a CR at the end of the stream is a delimiter', stream: '<1>a\r', frames: ['<1>a'] },
  { rule: 'empty lines are counted', stream: '\n\r\n<1>a\n\n', frames: ['<1>a'], empty: 3 },
  { rule: 'empty NUL-ended frames are counted', stream: '\0\0<1>a\0', frames: ['<1>a'], empty: 2 },
  {
    rule: 'a blank behind LF is no content',
    stream: '<1>a\n <2>b\n ',
    frames: ['<1>a', '<2>b'],
    empty: 1,
  },
  {
    rule: 'other leading blanks are content',
    stream: '  a\n b\n  <1>c\n',
    frames: ['  a', ' b', '  <1>c'],
  },
  { rule: 'bytes beyond ASCII pass', stream: '<1>é€\n<2>ü\n', frames: ['<1>é€', '<2>ü'] },
];

const numbers: Case[] = [
  '2019-03-01 10:00:00 host a',
  '2019-03-01T10:00:00Z host a',
  '2019 Mar 01 10:00:00 host a',
  '1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org a',
  '10 Oct 2019 10:00:00 host a',
  '16 Oct 24 12:30:45 host a',
  '1 2019-03-01T10:00:00Z host app - - - a',
  '10.0.0.1 - - [10/Oct/2000:13:55:36] "GET / HTTP/1.0" 200',
  '1551398400 <14>a',
  '1551398400123 CEF:0|a',
  '0 <14>a',
  '012 <14>abcdefgh',
  '12 monkeys',
  '12 <b>bold</b>',
  '12 <1234>abcd',
  '12 <>abcdefghij',
  '12 CEFabcdefgh',
  '12 Marabcdefgh',
  '12 Mar xbcdefgh',
  '12 ',
  '12',
  '3 <14>abc',
  '9 2019-03-01 a',
  '1234567890',
].map((line) => ({
  rule: `the number is content: ${line}`,
  stream: `${line}\n<1>next\n`,
  frames: [line, '<1>next'],
}));

const counting: Case[] = [
  {
    rule: 'counted frames follow each other',
    stream: counted('<1>a') + counted('<22>bc'),
    frames: ['<1>a', '<22>bc'],
  },
  {
    rule: 'a counted frame may hold LF and NUL',
    stream: counted('<1>a\nb\0c') + counted('<2>d'),
    frames: ['<1>a\nb\0c', '<2>d'],
  },
  {
    rule: 'a delimiter within the count is no content',
    stream: counted('<1>a\n') + counted('<2>b\r\n') + counted('<3>c\0'),
    frames: ['<1>a', '<2>b', '<3>c'],
  },
  {
    rule: 'LF, CR LF, NUL behind a counted frame are no frame',
    stream: `${counted('<1>a')}\n${counted('<2>b')}\r\n${counted('<3>c')}\0${counted('<4>d')}\n\0`,
    frames: ['<1>a', '<2>b', '<3>c', '<4>d'],
  },
  {
    rule: 'a second LF behind a counted frame is an empty line',
    stream: `${counted('<1>a')}\n\n`,
    frames: ['<1>a'],
    empty: 1,
  },
  {
    rule: 'a blank between counted frames is no content',
    stream: `${counted('<1>a')} ${counted('<2>b')}\n ${counted('<3>c')}`,
    frames: ['<1>a', '<2>b', '<3>c'],
  },
  { rule: 'CEF may follow a count', stream: counted(cef) + counted(cef), frames: [cef, cef] },
  {
    rule: 'a byte order mark may follow a count',
    stream: counted(`\ufeff${cef}`),
    frames: [`\ufeff${cef}`],
  },
  {
    rule: 'an ISO date may follow a count',
    stream: counted('2019-03-01T10:00:00Z host app - - - abc'),
    frames: ['2019-03-01T10:00:00Z host app - - - abc'],
  },
  {
    rule: 'an RFC 3164 stamp may follow a count',
    stream:
      counted('Mar  1 10:00:00 host app: some text') +
      counted('Mar 11 10:00:00 host app: some text'),
    frames: ['Mar  1 10:00:00 host app: some text', 'Mar 11 10:00:00 host app: some text'],
  },
  {
    rule: 'an unpadded day may follow a count',
    stream: counted('Mar 1 10:00:00 host app: some text.'),
    frames: ['Mar 1 10:00:00 host app: some text.'],
  },
  {
    rule: 'behind a counted frame, a count that could be a day is one',
    stream: counted('<1>a') + counted('Mar  1 10:00:00 h a'),
    frames: ['<1>a', 'Mar  1 10:00:00 h a'],
  },
  {
    rule: 'framing may change with each frame',
    stream: `${counted('<1>a')}<2>b\n${counted('<3>c\nd')}\n<4>e\0${counted(cef)}${cef}\r\n`,
    frames: ['<1>a', '<2>b', '<3>c\nd', '<4>e', cef, cef],
  },
  {
    rule: 'a counted frame that is all PRI',
    stream: `3 <1>${counted('<2>b')}`,
    frames: ['<1>', '<2>b'],
  },
  {
    rule: 'the end cuts a counted frame: its length is the announced one',
    stream: '20 <1>abc',
    frames: ['<1>abc'],
    lengths: [20],
    truncated: 1,
  },
];

const broken: Case[] = [
  {
    rule: 'a count too small: the tail is a frame up to the newline',
    stream: '5 <1>abc\n<2>d\n',
    frames: ['<1>ab', 'c', '<2>d'],
    resyncs: 1,
  },
  {
    rule: 'a count too small: the tail ends at the next count',
    stream: `5 <1>abc${counted('<2>d')}${counted('<3>e')}`,
    frames: ['<1>ab', 'c', '<2>d', '<3>e'],
    resyncs: 1,
  },
  {
    rule: 'a sender that counts characters',
    stream: `6 <1>aéé${counted('<2>b')}7 <3>üüüü${counted('<4>d')}`,
    frames: ['<1>aé', 'é', '<2>b', '<3>üü', 'üü', '<4>d'],
    resyncs: 2,
  },
  {
    rule: 'a count too large eats the next head; then the newline',
    stream: '8 <1>a\n<2>bc\n<3>d\n',
    frames: ['<1>a\n<2>', 'bc', '<3>d'],
    resyncs: 1,
  },
  {
    rule: 'what looks like a date behind a counted frame may end in a count',
    stream: '3 <1>Mar 12 <14>abcdefgh<2>b\n',
    frames: ['<1>', 'Mar ', '<14>abcdefgh', '<2>b'],
    resyncs: 1,
  },
  {
    rule: 'a sender whose count takes in the count itself',
    stream: '6 <1>a6 <2>b6 <3>c6 <4>d',
    frames: ['<1>a6 ', '<2>b', '<3>c6 ', '<4>d'],
    resyncs: 1,
  },
  {
    rule: 'behind a counted frame, a line that holds LF-less text is whole',
    stream: `${counted('<1>a')}<2>took 10 ms, 12 < 13, 1 <b>\n<3>c\n`,
    frames: ['<1>a', '<2>took 10 ms, 12 < 13, 1 <b>', '<3>c'],
  },
  {
    rule: 'garbage behind a counted frame',
    stream: `${counted('<1>a')}2019-x\n${counted('<2>b')}Mar x\n`,
    frames: ['<1>a', '2019-x', '<2>b', 'Mar x'],
    resyncs: 2,
  },
  {
    rule: 'digits alone behind a counted frame',
    stream: `${counted('<1>a')}77\n<2>b\n`,
    frames: ['<1>a', '77', '<2>b'],
    resyncs: 1,
  },
  {
    rule: 'a date behind a counted frame is a line',
    stream: `${counted('<1>a')}2019-03-01 x\n${counted('<1>a')}Mar 11 x\n`,
    frames: ['<1>a', '2019-03-01 x', '<1>a', 'Mar 11 x'],
  },
  {
    rule: 'text behind a counted frame and LF is a line',
    stream: `${counted('<1>a')}\nhello\n`,
    frames: ['<1>a', 'hello'],
  },
  {
    rule: 'a count beyond the maximum is not believed when lost',
    stream: `5 <1>abc999 <2>d\n<3>e\n`,
    max: 64,
    frames: ['<1>ab', 'c999 <2>d', '<3>e'],
    resyncs: 1,
  },
  {
    rule: 'NUL ends the garbage too',
    stream: `5 <1>abc\0<2>d\n`,
    frames: ['<1>ab', 'c', '<2>d'],
    resyncs: 1,
  },
  {
    rule: 'the end of the stream ends the garbage',
    stream: `5 <1>abc 12 <3`,
    frames: ['<1>ab', 'c 12 <3'],
    resyncs: 1,
  },
];

const cut: Case[] = [
  {
    rule: 'a line of the maximum is whole',
    stream: `${long}\n<1>a\n`,
    max: 64,
    frames: [long, '<1>a'],
  },
  {
    rule: 'a line of the maximum and CR is whole',
    stream: `${long}\r\n<1>a\n`,
    max: 64,
    frames: [long, '<1>a'],
  },
  {
    rule: 'a line one byte too long is cut',
    stream: `${long}y\n<1>a\n`,
    max: 64,
    frames: [long, '<1>a'],
    lengths: [65, 4],
    truncated: 1,
  },
  {
    rule: 'a line one byte too long with CR is cut',
    stream: `${long}y\r\n<1>a\n`,
    max: 64,
    frames: [long, '<1>a'],
    lengths: [65, 4],
    truncated: 1,
  },
  {
    rule: 'a line far too long is cut',
    stream: `${long}${'y'.repeat(300)}\n<1>a\n`,
    max: 64,
    frames: [long, '<1>a'],
    lengths: [364, 4],
    truncated: 1,
  },
  {
    rule: 'a line too long at the end of the stream is cut',
    stream: `${long}yyy`,
    max: 64,
    frames: [long],
    lengths: [67],
    truncated: 1,
  },
  {
    rule: 'a counted frame of the maximum is whole',
    stream: counted(long) + counted('<1>a'),
    max: 64,
    frames: [long, '<1>a'],
  },
  {
    rule: 'a counted frame of the maximum with LF is whole',
    stream: counted(`${long}\n`) + counted('<1>a'),
    max: 64,
    frames: [long, '<1>a'],
  },
  {
    rule: 'a counted frame too long is cut, the next is whole',
    stream: counted(`${long}${'y'.repeat(200)}`) + counted('<1>a'),
    max: 64,
    frames: [long, '<1>a'],
    lengths: [264, 4],
    truncated: 1,
  },
  {
    rule: 'garbage too long is cut, the next count is found',
    stream: `5 <1>ab${'c'.repeat(200)}${counted('<1>a')}<2>b\n`,
    max: 64,
    frames: ['<1>ab', 'c'.repeat(64), '<1>a', '<2>b'],
    lengths: [5, 200, 4, 4],
    truncated: 1,
    resyncs: 1,
  },
  {
    rule: 'a maximum shorter than what settles the framing',
    stream: `123456789\n2019-03-01 a\n9 <123>abcd\n`,
    max: 4,
    frames: ['1234', '2019', '<123'],
    lengths: [9, 12, 9],
    truncated: 3,
  },
  {
    rule: 'invalid UTF-8 is cut at the byte',
    stream: Buffer.from([0x3c, 0x31, 0x3e, 0x41, 0xc3, 0xa9, 0x0a]),
    max: 5,
    frames: ['<1>A\ufffd'],
    lengths: [6],
    truncated: 1,
  },
];

for (const [title, cases] of Object.entries({ newline, numbers, counting, broken, cut })) {
  t.test(`framing: ${title}`, async (t) => {
    for (const each of cases) {
      t.test(each.rule, async (t) => {
        const stream = Buffer.from(each.stream as string);
        const expected: Framed = {
          texts: [...each.frames],
          originalLengths: [
            ...(each.lengths ?? each.frames.map((frame) => Buffer.byteLength(frame))),
          ],
          truncated: each.truncated ?? 0,
          empty: each.empty ?? 0,
          resyncs: each.resyncs ?? 0,
        };
        t.strictSame(framed(stream, [], each.max), expected, 'in one chunk');
        for (const cuts of waysToCut(stream.length)) {
          const got = framed(stream, cuts, each.max);
          if (JSON.stringify(got) === JSON.stringify(expected)) continue;
          t.strictSame(got, expected, `cut at ${cuts.join(', ')}`);
          return;
        }
      });
    }
  });
}

function* waysToCut(length: number): Generator<number[]> {
  yield Array.from({ length: length - 1 }, (_, i) => i + 1);
  for (let i = 0; i <= length; i++) {
    yield [i];
    if (length > 80) continue;
    for (let j = i; j <= length; j++) yield [i, j];
  }
}
