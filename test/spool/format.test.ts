/** docs/spool-format.md says what the code writes. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { slotDistance, slotLength } from '../../src/spool/cursor.js';
import { headerLength } from '../../src/spool/record.js';
import { formatVersion, prefixLength } from '../../src/spool/segment.js';

const text = readFileSync('docs/spool-format.md', 'utf8');

for (const [name, length] of [
  ['Segment', prefixLength],
  ['Record', headerLength],
  ['Cursor', slotLength],
] as const) {
  t.test(`the table of ${name} has no gaps and ends where the code says`, async (t) => {
    const section = text.split(`## ${name}\n`)[1]!.split('\n## ')[0]!;
    let at = 0;
    for (const [, offset, size] of section.matchAll(/^\| (\d+) \| (\d+) \|/gm)) {
      t.equal(Number(offset), at);
      at += Number(size);
    }
    t.equal(at, length);
    t.match(section, ` ${length} bytes`);
  });
}

t.test('version and slots', async (t) => {
  t.match(text, `Format version ${formatVersion}.`);
  t.match(text, `at 0 and ${slotDistance}`);
});
