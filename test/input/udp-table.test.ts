import fc from 'fast-check';
import t from 'tap';
import { findUdpRow } from '../../src/input/udp-table.js';

const seed = Number(process.env.STEGWATCH_SEED ?? 20261124);
const header =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            ';
const row = (local: string, inode: number | string, drops: number | string) =>
  `  815: ${local} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 ${inode} 2 0000000000000000 ${drops}         `;
const six = '00000000000000000000000000000000:158A';

t.test('the row of our socket is found by port and inode', async (t) => {
  const table = [
    header,
    row('0100007F:158A', 11, 5),
    row('0200007F:158A', 12, 17),
    row('0200007F:158B', 13, 9),
    '',
  ].join('\n');
  t.strictSame(findUdpRow(table, 5514, new Set([12, 13])), { port: 5514, inode: 12, drops: 17 });
  t.equal(findUdpRow(table, 5514, new Set([13])), null);
  t.equal(findUdpRow(table, 5513, new Set([11, 12, 13])), null);
});

t.test('IPv6 has longer addresses; the last line may lack its end', async (t) => {
  const table = `${header}\n${row(six, 7, 4_294_967_295).trimEnd()}`;
  t.strictSame(findUdpRow(table, 5514, new Set([7])), { port: 5514, inode: 7, drops: 0xffffffff });
});

t.test('what is no such table gives nothing', async (t) => {
  for (const text of ['', '\n', header, 'a\nb\nc', `${header}\n${row('0100007F', 7, 1)}`]) {
    t.equal(findUdpRow(text, 5514, new Set([7])), null, JSON.stringify(text.slice(0, 20)));
  }
  for (const [inode, drops] of [
    ['x', '1'],
    ['7', '-1'],
    ['7', ''],
    ['7', '1e3'],
  ]) {
    t.equal(findUdpRow(`${header}\n${row(six, inode!, drops!)}`, 5514, new Set([7])), null);
  }
});

t.test(`any text is read without harm, and a good row in it is found (seed ${seed})`, async (t) => {
  const line = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.string({ unit: fc.constantFrom(...'0123456789ABCDEF: \t\r'), maxLength: 300 }),
    fc.tuple(fc.integer(), fc.integer()).map(([inode, drops]) => row('0:1', inode, drops)),
  );
  const noise = fc.array(
    line.map((text) => text.replaceAll('\n', ' ')),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(noise, noise, fc.nat(), (before, after, drops) => {
      const table = [header, ...before, row(six, 424242, drops), ...after].join('\n');
      const found = findUdpRow(table, 5514, new Set([424242]));
      return found?.inode === 424242 && found.drops === drops;
    }),
    { seed, numRuns: 500 },
  );
  t.pass();
});

t.test('a table ten times as long takes about ten times as long, not a hundred', async (t) => {
  const time = (text: string) => {
    const begun = performance.now();
    findUdpRow(text, 5514, new Set([1]));
    return performance.now() - begun;
  };
  for (const unit of [`${row(six, 7, 1)}\n`, '\n', ' ', 'x']) {
    const small = unit.repeat(Math.ceil(200_000 / unit.length));
    const best = (text: string) => Math.min(...[1, 2, 3].map(() => time(text)));
    const ratio = best(small.repeat(10)) / Math.max(best(small), 0.5);
    t.ok(ratio < 50, `${JSON.stringify(unit.slice(0, 3))}: ${ratio.toFixed(1)} times`);
  }
});
