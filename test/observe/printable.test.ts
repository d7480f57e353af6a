import t from 'tap';
import { printable } from '../../src/observe/printable.js';

t.test('what a terminal would act upon is written as an escape', async (t) => {
  t.equal(printable('a\u009b\u2066b\\c'), 'a\\u{9b}\\u{2066}b\\c');
  t.equal(printable('a\nb\u001b[2J\u202e\ufeff'), 'a\\u{a}b\\u{1b}[2J\\u{202e}\\u{feff}');
  t.equal(printable('a\u061cb\u200b\ud800'), 'a\\u{61c}b\\u{200b}\\u{d800}');
  t.equal(printable('Größe 日本 😀'), 'Größe 日本 😀');
});
