/**
 * Time in proportion to the length of the frame, whatever is in it. A frame eight times as long may
 * take eight times as long; a scan that starts over for each byte or key would take 64 times as
 * long.
 */
import t from 'tap';
import { createDecoder } from '../../src/decode/decode.js';
import { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { receivedAtMs } from './reading.js';

const short = 64 * 1024;
const factor = 8;
/** Between 8 and 64, far from both: the machine may be busy. */
const tooMuch = 32;
const maxMs = 50;
const cef = 'CEF:0|Acme|Gate|1.0|100|n|3|';

/** A unit that is repeated, or a function from a counter to a unit; in front of it, a start. */
const patterns: readonly (readonly [string, string | ((i: number) => string), string?])[] = [
  ['equals signs', '=', cef],
  ['backslashes', '\\', cef],
  ['spaces and a key at the end', ' ', `${cef}a=`],
  ['spaces around equals signs', '  =', `${cef}act`],
  ['TABs and line breaks', '\t\r\n', `${cef}a=`],
  ['known key, spaces, equals sign', 'act   =', `${cef}x `],
  ['one-letter keys', 'a=', cef],
  ['one-letter keys with spaces', 'a= ', cef],
  ['words that are no keys', 'word ', `${cef}msg=`],
  ['one long word', 'w', `${cef}msg=x `],
  ['one long key', 'k', cef],
  ['one long key with dots and commas', 'a.,', cef],
  ['commas behind one long key', ',', `${cef}x ${'a'.repeat(999)}`],
  ['key after key, all different', (i) => `k${i}=v `, cef],
  ['two keys in all spellings', (i) => (i % 2 ? 'Act=1 ' : 'aCt=2 '), cef],
  ['the expected key, but for its end', 'act=1 ac=2 ', cef],
  ['CEF without a version', 'CEF:', ''],
  ['CEF and spaces', 'CEF:   ', ''],
  ['CEF with endless versions', 'CEF:1', ''],
  ['CEF in values', ' x=CEF:0|', cef],
  ['pipes', '|', 'CEF:0|'],
  ['escaped pipes', '\\|', 'CEF:0|'],
  ['a header without an end', 'x=y ', 'CEF:0|a|b|'],
  ['quotes', '"', '"'],
  ['digits', '9', ''],
  ['digits behind PRI', '9', '<134>'],
  ['digits of a time', '9', 'Nov 24 09:00:00.'],
  ['digits of an epoch', '9', `${cef}rt=`],
  ['spaces in a time', ' ', `${cef}rt=Nov`],
  ['spaces behind a time', ' ', 'Nov 24 09:00:00'],
  ['zone names', 'Europe/', `${cef}rt=Nov 24 09:00:00 dtz=`],
  ['brackets', '[', '<134>1 - - - - - '],
  ['structured data', '[a b="\\""]', '<134>1 - - - - - '],
  ['structured data without an end', '[a b="', '<134>1 - - - - - '],
  ['tags', 'x[', '<134>Nov 24 09:00:00 h '],
  ['colons', ':', '<134>Nov 24 09:00:00 '],
  ['NUL', '\0', 'x'],
  ['bytes that are no UTF-8', '\xff', ''],
  ['high bytes in values', 'a=\xe4 ', cef],
];

t.test('64 KiB of anything is read in a moment, and 512 KiB in eight', async (t) => {
  for (const maxFields of [512, 200_000]) {
    const fields = new Fields(maxFields);
    for (const [name, unit, start = ''] of patterns) {
      const short1 = fill(unit, start, short);
      const long8 = fill(unit, start, short * factor);
      let small = bestOf(5, short1, fields);
      let large = bestOf(3, long8, fields);
      // Another process may have had the core: what is quadratic stays so however often one looks.
      for (let again = 0; again < 4 && large >= tooMuch * Math.max(small, 0.05); again++) {
        small = Math.max(small, bestOf(5, short1, fields));
        large = Math.min(large, bestOf(5, long8, fields));
      }
      t.ok(small < maxMs, `${name}, ${maxFields} fields: ${small.toFixed(2)} ms`);
      const ratio = large / Math.max(small, 0.05);
      t.ok(ratio < tooMuch, `${name}, ${maxFields} fields: ${ratio.toFixed(1)} times`);
    }
  }
});

t.test('keys cannot be prepared to collide', async (t) => {
  // Collide in any polynomial hash modulo a power of two, whatever its base (Thue-Morse strings).
  const keys = thueMorse(10).map((word, i) => `k${word}${i % 2 ? 'x' : 'y'}=1 `);
  const fields = new Fields(200_000);
  const ms = bestOf(5, Buffer.from(cef + keys.join('')), fields);
  t.equal(fields.count, keys.length);
  t.ok(ms < maxMs, `${ms.toFixed(2)} ms`);
});

function fill(unit: string | ((i: number) => string), start: string, length: number): Buffer {
  const parts = [start];
  let bytes = start.length;
  for (let i = 0; bytes < length; i++) {
    const part = typeof unit === 'string' ? unit : unit(i);
    parts.push(part);
    bytes += part.length;
  }
  return Buffer.from(parts.join(''), 'latin1').subarray(0, length);
}

/** Milliseconds of the fastest of `times` reads, the first of a new decoder included. */
function bestOf(times: number, bytes: Buffer, fields: Fields): number {
  const decode = createDecoder({ counters: new Counters() });
  const peer = { address: '-' };
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    decode(bytes, 0, bytes.length, bytes.length, receivedAtMs, peer, fields);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** All products of `depth` blocks of `ab` or `ba` patterns: pairwise equal in weak hashes. */
function thueMorse(depth: number): string[] {
  let pair: [string, string] = ['a', 'b'];
  for (let i = 0; i < 5; i++) pair = [pair[0] + pair[1], pair[1] + pair[0]];
  let words = [''];
  for (let i = 0; i < depth; i++)
    words = words.flatMap((word) => pair.map((block) => word + block));
  return words;
}
