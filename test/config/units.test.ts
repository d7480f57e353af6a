import fc from 'fast-check';
import t from 'tap';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../src/config/units.js';

t.test('a size is a number with a binary unit, or 0', async (t) => {
  const cases: [string, number | null][] = [
    ['0', 0],
    ['0B', 0],
    ['480B', 480],
    ['64KiB', 65_536],
    ['64 KiB', 65_536],
    [' 4MiB ', 4_194_304],
    ['8GiB', 8_589_934_592],
    ['1TiB', 1_099_511_627_776],
    ['1.5KiB', 1536],
    ['64', null],
    ['-1KiB', null],
    ['64KB', null],
    ['64kib', null],
    ['64K', null],
    ['0.3KiB', null],
    ['1e3B', null],
    ['KiB', null],
    ['', null],
    ['1 2KiB', null],
    ['64KiB/s', null],
    ['9999999999TiB', null],
    ['1constructor', null],
  ];
  for (const [text, bytes] of cases) t.equal(parseSize(text), bytes, JSON.stringify(text));
});

t.test('a duration is a number with a unit, or 0', async (t) => {
  const cases: [string, number | null][] = [
    ['0', 0],
    ['0s', 0],
    ['100ms', 100],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['1.5h', 5_400_000],
    ['30', null],
    ['30sec', null],
    ['30S', null],
    ['1h30m', null],
    ['0.5ms', null],
    ['-5m', null],
    ['1w', null],
  ];
  for (const [text, ms] of cases) t.equal(parseDuration(text), ms, JSON.stringify(text));
});

t.test('what is formatted reads back as the same', async () => {
  const amount = fc.oneof(fc.nat(10_000), fc.maxSafeNat());
  fc.assert(
    fc.property(amount, (value) => {
      return (
        parseSize(formatSize(value)) === value && parseDuration(formatDuration(value)) === value
      );
    }),
  );
});

t.test('formatting takes the largest unit that gives a whole number', async (t) => {
  t.equal(formatSize(0), '0B');
  t.equal(formatSize(1000), '1000B');
  t.equal(formatSize(65_536), '64KiB');
  t.equal(formatSize(1_073_741_824), '1GiB');
  t.equal(formatDuration(0), '0ms');
  t.equal(formatDuration(90_000), '90s');
  t.equal(formatDuration(604_800_000), '7d');
});
