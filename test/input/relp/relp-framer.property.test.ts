/**
 * Goal: what was written is read back equal however the stream is cut; for any bytes at all the cuts change
 * nothing; no stream makes the framer slow or large. Method: fast-check for the first two, and a fuzz of
 * damaged streams with a seed that is printed.
 */
import fc from 'fast-check';
import t from 'tap';
import { RelpFramer, type RelpHandler } from '../../../src/input/relp/relp-framer.js';
import { seededRandom } from '../../support/seed.js';
import { relpFrame, relpFramed } from './relp-framed.js';

const cutAt = fc.array(fc.nat(), { maxLength: 8 });
const txnr = fc.integer({ min: 1, max: 999_999_999 });
const data = fc.string({ unit: 'binary', maxLength: 60 });

function cutsWithin(length: number, places: readonly number[]): number[] {
  return places.map((place) => place % (length + 1)).sort((a, b) => a - b);
}

t.test('frames read back equal, however they are cut', async (t) => {
  const frames = fc.array(fc.tuple(txnr, data), { maxLength: 12 });
  fc.assert(
    fc.property(frames, cutAt, (sent, places) => {
      const stream = Buffer.concat(sent.map(([n, text]) => relpFrame(n, 'syslog', text)));
      const { heard, pending } = relpFramed(stream, cutsWithin(stream.length, places));
      const expected = sent.map(([n, text]) => {
        const bytes = Buffer.from(text);
        return `message ${n}: ${bytes.toString('latin1')} (of ${bytes.length})`;
      });
      t.strictSame([heard, pending], [expected, false]);
    }),
    { numRuns: 400 },
  );
});

t.test('for any bytes, what is heard does not depend on the cuts', async (t) => {
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...'0123456789 <\nax') },
    { weight: 3, arbitrary: fc.constantFrom('1 syslog 5 ', '2 open 0\n', '3 syslog 2 xy\n') },
    fc.constantFrom('syslog', 'close', '0 serverclose 0\n', '999999999', '\x16'),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const bytes = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join('')));
  const max = fc.constantFrom(1, 4, 65_536);
  fc.assert(
    fc.property(bytes, cutAt, max, (stream, places, maxMessageBytes) => {
      const whole = relpFramed(stream, [], maxMessageBytes);
      const parts = relpFramed(stream, cutsWithin(stream.length, places), maxMessageBytes);
      t.strictSame([parts.heard, parts.pending], [whole.heard, whole.pending]);
      const places1 = Array.from({ length: stream.length }, (_, i) => i);
      const single = relpFramed(stream, places1, maxMessageBytes);
      t.strictSame([single.heard, single.pending], [whole.heard, whole.pending]);
    }),
    { numRuns: 1500 },
  );
});

t.test('damaged streams: messages before the damage are heard, the bounds hold', async (t) => {
  const random = seededRandom(t);
  const max = 4096;
  let faults = 0;
  for (let round = 0; round < 500; round++) {
    const frames = Array.from({ length: 1 + random(20) }, (_, i) =>
      relpFrame(i + 1, 'syslog', Buffer.alloc(1 + random(i % 5 === 0 ? 9000 : 20), 'a')),
    );
    const stream = Buffer.concat(frames);
    // Every other time in a header, where it does most harm.
    const damaged = random(frames.length);
    const start = frames.slice(0, damaged).reduce((sum, { length }) => sum + length, 0);
    const at = start + random(round % 2 === 0 ? 10 : frames[damaged]!.length);
    stream[at] = random(256);
    const cuts = Array.from({ length: random(30) }, () => random(stream.length));
    const got = relpFramed(
      stream,
      cuts.sort((a, b) => a - b),
      max,
    );
    const messages = got.heard.filter((text) => text.startsWith('message'));
    faults += got.heard.length - messages.length;
    if (messages.length < damaged) t.fail(`round ${round}: ${messages.length} of ${damaged}`);
    if (got.carriedBytes > max) t.fail(`round ${round}: held ${got.carriedBytes} bytes`);
    if (got.heard.slice(0, -1).some((text) => text.startsWith('fault'))) {
      t.fail(`round ${round}: went on after a fault`);
    }
  }
  t.ok(faults > 100, `${faults} faults in 500 rounds`);
});

t.test('time is linear in the bytes', async (t) => {
  const streams = {
    digits: Buffer.alloc(9, '7'),
    'empty messages': Buffer.from('1 syslog 0\n'),
    'messages of a byte': Buffer.from('1 syslog 1 x\n'),
    'unknown commands': Buffer.from('1 a 0\n'),
  };
  for (const [name, piece] of Object.entries(streams)) {
    const little = cpuMs(Buffer.alloc(256 * 1024, piece));
    const much = cpuMs(Buffer.alloc(16 * 256 * 1024, piece));
    // Quadratic would be 256 times.
    t.ok(much < Math.max(little, 1) * 16 * 5, `${name}: ${little} -> ${much} ms`);
  }
});

const handler: RelpHandler = { message() {}, command() {}, fault() {} };

function cpuMs(stream: Buffer): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const framer = new RelpFramer({ maxMessageBytes: 99, handler });
    const before = process.cpuUsage();
    framer.push(stream, 0);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
