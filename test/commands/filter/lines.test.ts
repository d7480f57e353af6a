/** `lines`: one record per line, in order, however the bytes come and whatever is in them. */
import fc from 'fast-check';
import t from 'tap';
import { Lines } from '../../../src/commands/filter/lines.js';
import { filteredLines } from '../../support/filter.js';
import { numberedLines } from '../../support/numbered-lines.js';

const seed = Number(process.env.STEGWATCH_SEED ?? Date.now() % 1_000_000_000);

t.test('lines are found wherever the stream is cut, and no longer than the bound', async (t) => {
  const part = fc.constantFrom('a', 'bc', '\r', '\n', '\r\n', 'x'.repeat(9), '');
  fc.assert(
    fc.property(
      fc.array(part),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      (parts, step, whole) => {
        const text = parts.join('');
        const found: string[] = [];
        const max = 8;
        const lines = new Lines(max, {
          line: (bytes, start, end, original) => {
            found.push(`${bytes.toString('latin1', start, end)} ${original}`);
          },
        });
        const all = Buffer.from(text);
        for (let at = 0; at < all.length; at += step) lines.push(all.subarray(at, at + step), 0);
        lines.end(0, whole);
        const split = text.split('\n');
        const last = split.pop()!;
        const expected = split.map((line) => shown(line, line.length, max));
        if (last !== '' && whole) expected.push(shown(last, last.length, max));
        if (last !== '' && !whole) expected.push(`${last.slice(0, max)} ${last.length + 1}`);
        return JSON.stringify(found) === JSON.stringify(expected);
      },
    ),
    { seed, numRuns: 5000 },
  );
  t.pass(`seed ${seed} (STEGWATCH_SEED)`);
});

/** A CR that ends a line is no part of it, but where the line is too long to tell. */
function shown(line: string, length: number, max: number): string {
  const bare = length <= max + 1 ? line.replace(/\r$/, '') : line;
  return `${bare.slice(0, max)} ${bare.length}`;
}

t.test('one record per line, whatever it is', async (t) => {
  const [first, second] = numberedLines({ from: 7, count: 2, alertEvery: 0, atMs: Date.now() });
  const input = `${first}\r\n\nno CEF\n<134>CEF:0|a|b\n\xff\xfe\n${second}`;
  const { records, counters } = await filteredLines(t.testdir({}), 'lines', [
    Buffer.from(input, 'latin1'),
  ]);
  t.match(records, [
    { externalId: '7', syslog: { hostname: 'proxy01' }, in: 9_000_000 },
    { parse_error: 'empty message' },
    { parse_error: 'not CEF', message: 'no CEF' },
    { parse_error: /fewer than 7/ },
    { parse_error: 'not CEF', raw_base64: '//4=' },
    { externalId: '8' },
  ]);
  t.equal(records.length, 6);
  t.match(counters, { received_frames: 6, events: 6, filter_answers: 6 });
  t.notOk(
    records.some((record) => 'peer' in record),
    'nobody came over a network',
  );
});

t.test('what is too long is cut, marked and not judged; what is left off too', async (t) => {
  const yaml = 'listen: { max_message: 1KiB }';
  const long = `CEF:0|a|b|1|2|n|3|msg=${'x'.repeat(5000)}`;
  const { records, counters } = await filteredLines(
    t.testdir({}),
    'lines',
    [`${long}\nCEF:0|a|b|1|2|n|3|src=1.2.3.4\nCEF:0|a|b|1|2|n|3|in=2`],
    { yaml, whole: false },
  );
  t.match(records, [
    { truncated: true, original_length: long.length },
    { src: '1.2.3.4' },
    { truncated: true },
  ]);
  t.equal(counters.frames_truncated, 2);
  t.equal(counters.not_judged_truncated, 2);
});

t.test('names and raw are those of forward.fluentd', async (t) => {
  const line = 'CEF:0|Zscaler|NSSWeblog|1|2|n|3|src=1.2.3.4 suser="q\\\\"';
  const of = async (names: string) => {
    const yaml = `forward: { fluentd: { names: ${names}, raw: always } }`;
    return (await filteredLines(t.testdir({}), 'lines', [`${line}\n`], { yaml })).records[0]!;
  };
  const cef = await of('cef');
  t.match(cef, { device_vendor: 'Zscaler', src: '1.2.3.4', suser: '"q\\"', raw: line });
  t.match(await of('commonsecuritylog'), { DeviceVendor: 'Zscaler', SourceIP: '1.2.3.4' });
  t.match(await of('ecs'), { 'observer.vendor': 'Zscaler', 'source.ip': '1.2.3.4' });
});
