import t from 'tap';
import { holdsUnseen } from '../../src/encode/unseen-characters.js';

t.test('it knows every control and format character outside ASCII, and no letter', async (t) => {
  const wrong: string[] = [];
  for (let code = 0x80; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const text = String.fromCodePoint(code);
    const bytes = Buffer.from(text);
    const holds = holdsUnseen(bytes, 0, bytes.length);
    // A later Unicode may give what is not assigned (Cn) to any category.
    if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text) ? !holds : holds && !/\p{Cn}/u.test(text)) {
      wrong.push(code.toString(16));
    }
  }
  t.strictSame(wrong, []);
});

t.test('only what lies in the range counts', async (t) => {
  const bytes = Buffer.from('\u202eGröße €😀\u0085');
  const [first, last] = [3, bytes.length - 2];
  t.notOk(holdsUnseen(bytes, first, last));
  t.ok(holdsUnseen(bytes, 0, last));
  t.ok(holdsUnseen(bytes, first, bytes.length));
  t.notOk(holdsUnseen(Buffer.from('plain\x01'), 0, 6), 'ASCII is for others to judge');
});
