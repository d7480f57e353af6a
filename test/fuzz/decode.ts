/**
 * Mutated lines of vendors and of other parsers' suites through the decoder. Whatever the bytes: no
 * exception, offsets within the frame and in order, the same table wherever in a buffer the frame lies,
 * no key twice, a moment that can be shown or none.
 */
import { createDecoder } from '../../src/decode/decode.js';
import { createFeeds } from '../../src/feeds/feeds.js';
import { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { assertInBounds } from '../decode/bounds.js';
import { reader, receivedAtMs } from '../decode/reading.js';
import { below, type Random } from '../support/mutate.js';
import { lines } from './corpora.js';
import { type FuzzTarget, must, tokensOf } from './target.js';

const headerTokens = tokensOf(
  ...[
    '<134>',
    '<191>',
    '<192>',
    '<',
    '>1 ',
    '1 ',
    '2026-11-24T09:00:00.123456Z',
    '+02:00',
    '-',
    ' - ',
  ],
  ...[
    'Nov 24 09:00:00 ',
    'Nov  4 09:00:00.1 ',
    '2026 Nov 24 09:00:00 ',
    'Feb 29 24:60:60 ',
    '[',
    ']',
  ],
  ...[
    '[a@1 b="',
    '"]',
    '\\"',
    'app[1]: ',
    ': ',
    '%ASA-1-2: ',
    '\ufeff',
    '12 ',
    '*Nov 24',
    'GMT',
    'CEST',
  ],
);
const cefTokens = tokensOf(
  ...[
    'CEF:',
    'CEF:0|',
    'CEF: 1|',
    '|',
    '\\|',
    '\\\\',
    '\\=',
    '\\n',
    '=',
    ' =',
    ' ',
    '\t',
    '\r\n',
    '\0',
  ],
  ...[
    'rt=',
    'rt=1795687000000 ',
    'rt=9999999999999999999',
    'rt=Nov 24 2026 10:00:00 EST',
    'dtz=+14:00 ',
  ],
  ...[
    'rt=Jan 1 0001 00:00:00',
    'rt=Dec 31 9999 23:59:59',
    'dtz=America/New_York ',
    'request=',
    'in=',
  ],
  ...['cs1Label=', ' cs1=', 'k,x=', 'a.b[0]=', '__proto__=', 'é=', '😀', '"', 'in=1 in=2 IN=3 '],
);

export function syslog(): FuzzTarget {
  return { name: 'syslog', seeds: lines(), tokens: headerTokens, inputs: 2000, check: checker() };
}

export function cef(): FuzzTarget {
  const seeds = lines().filter((line) => line.includes('CEF'));
  return { name: 'cef', seeds, tokens: cefTokens, inputs: 2000, check: checker() };
}

function checker(): (frame: Buffer, random: Random) => void {
  const feeds = createFeeds({ feeds: [], feedProfiles: true });
  const readers = [6, 512].map((maxFields) => reader({ maxFields, feeds }));
  const cut = createDecoder({ counters: new Counters(), feeds });
  const fields = new Fields(64);
  return (frame, random) => {
    for (const readNext of readers) {
      const reading = readNext(frame);
      assertInBounds(reading.fields);
      must(reading.isCef || reading.problem !== 0, 'neither CEF nor a problem');
      must(Math.abs(reading.fields.pri) <= 191, `PRI ${reading.fields.pri}`);
    }
    const end = below(random, frame.length + 1);
    cut(frame, 0, end, frame.length + below(random, 9), receivedAtMs, { address: '-' }, fields);
    assertInBounds(fields);
  };
}
