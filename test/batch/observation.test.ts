import fc from 'fast-check';
import t from 'tap';
import {
  maxObservationBytes,
  type Observation,
  readObservations,
  writeObservation,
} from '../../src/batch/observation.js';

function written(...observations: readonly Observation[]): Buffer {
  const room = observations.reduce((sum, { host }) => sum + maxObservationBytes(host), 0);
  const out = Buffer.alloc(room + 10, 0x55);
  let at = 0;
  for (const { hour, bytes, direction, host } of observations) {
    at = writeObservation(out, at, hour, bytes, direction, host);
  }
  if (at > room) throw new Error('longer than its bound');
  if (!out.subarray(room).every((byte) => byte === 0x55)) throw new Error('overrun');
  return out.subarray(0, at);
}

const observation: fc.Arbitrary<Observation> = fc.record({
  hour: fc.integer({ min: 0, max: 0xffffffff }),
  bytes: fc.oneof(fc.constant(Number.NaN), fc.maxSafeInteger(), fc.double({ noNaN: true })),
  direction: fc.constantFrom('download' as const, 'upload' as const),
  host: fc.string({ unit: 'binary', maxLength: 300 }),
});

t.test('what is written is read, in order', async () => {
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 20 }), (list) => {
      const read = [...readObservations(written(...list))];
      return (
        read.length === list.length &&
        read.every((o, i) => {
          const { hour, bytes, direction, host } = list[i]!;
          return (
            o.hour === hour &&
            Object.is(o.bytes, bytes) &&
            o.direction === direction &&
            o.host === host
          );
        })
      );
    }),
    { numRuns: 500 },
  );
});

t.test('the layout is the documented one', async (t) => {
  const bytes = written({ hour: 0x01020304, bytes: 1, direction: 'upload', host: 'hü' });
  t.equal(bytes.toString('hex'), `04030201${'000000000000f03f'}01${'0300'}68c3bc`);
});

t.test('a host longer than its length field is cut at a whole character', async (t) => {
  const host = `x${'ü'.repeat(40_000)}`;
  const [read] = readObservations(written({ hour: 1, bytes: 1, direction: 'download', host }));
  t.equal(Buffer.byteLength(read!.host), 65_535);
  t.ok(host.startsWith(read!.host));
});

t.test('bytes that end within an observation, or are none, are refused', async (t) => {
  const whole = written({ hour: 1, bytes: 1, direction: 'download', host: 'host' });
  for (let end = 1; end < whole.length; end++) {
    t.throws(() => [...readObservations(whole.subarray(0, end))], RangeError, `${end} bytes`);
  }
  const wrong = Buffer.from(whole);
  wrong[12] = 2;
  t.throws(() => [...readObservations(wrong)], { message: 'no observation at byte 0' });
  t.strictSame([...readObservations(Buffer.alloc(0))], []);
});
