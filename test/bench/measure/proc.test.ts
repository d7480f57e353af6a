import t from 'tap';
import { parsePeakMiB, parseStat } from '../../../bench/measure/proc.js';

t.test('a name with blanks and parentheses moves no field', async (t) => {
  const rest =
    'S 17 42 42 0 -1 4194560 5 0 0 0 250 130 50 20 20 0 11 0 999 1000000 2000 18446744073709551615';
  const expected = { parentPid: 17, userSeconds: 3, systemSeconds: 1.5 };
  for (const name of ['(node)', '(a b)', '(odd) R 1 2)']) {
    t.strictSame(parseStat(`42 ${name} ${rest}\n`), expected, name);
  }
});

t.test('what is no stat line is no process without costs', async (t) => {
  t.throws(() => parseStat(''), /not a stat line/);
  t.throws(() => parseStat('42 (node) S 1 2'), /not a stat line/);
});

t.test('the peak of the resident set, where it is told', async (t) => {
  t.equal(parsePeakMiB('VmPeak:\t 9999 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1024 kB\n'), 2);
  t.equal(parsePeakMiB('Name:\tkthreadd\n'), 0);
});
