import fc from 'fast-check';
import t from 'tap';
import { RecentTexts } from '../../../src/detect/event/recent-texts.js';
import { event } from '../../support/event-builder.js';

t.test('says what the fields say, whatever was asked before', async () => {
  const texts = new RecentTexts();
  const value = fc.oneof(
    fc.constantFrom('', ' ', 'a', ' a', 'a ', 'GET', 'cdn.example', 'a\\b', 'x=y', '\u00a0a', 'é'),
    fc.string({ maxLength: 80, unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 12 }), (values) => {
      const fields = event(values.map((text, i) => [`k${i}`, text] as const));
      return values.every((_, i) => texts.trimmed(fields, i) === fields.trimmed(i));
    }),
    { numRuns: 3000 },
  );
});

t.test('a value that comes again is the same string, until another takes its slot', async (t) => {
  const texts = new RecentTexts();
  const of = (host: string) => texts.trimmed(event([['dhost', host]]), 0);
  t.equal(of('cdn.example'), 'cdn.example');
  // More values than slots: whatever they push out, each is told right.
  for (let i = 0; i < 20_000; i++) {
    if (of(`host${i}.example`) !== `host${i}.example`) t.fail(`host${i}`);
  }
  t.equal(of('cdn.example'), 'cdn.example');
});
