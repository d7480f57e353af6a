import t from 'tap';
import { withGenerated } from '../../../bench/measure/document.js';
import type { Figures } from '../../../bench/measure/measure.js';
import { markdownReport, type Results, textReport } from '../../../bench/measure/report.js';
import { asMarkdown, asText } from '../../../bench/measure/table.js';
import { accountOf } from '../../../bench/measure/udp-soak.js';
import { plain } from '../../../bench/measure/variants.js';

function figures(cpuMicros: number): Figures {
  return {
    events: 1_000,
    userMicros: cpuMicros - 1,
    systemMicros: 1,
    cpuMicros,
    perSecond: 123_456.7,
    peakMiB: 100 + cpuMicros,
    loopDelay: { p50: 0.1, p99: 1, p999: cpuMicros, max: cpuMicros * 2 },
    gc: { share: 0.02, count: 7 },
    latency: { p50: 3, p99: 9 },
    sent: { sent: 1_000, beganMs: 0, endedMs: 1, maxBurst: 5, cpuMicros: 0 },
    sentInAll: 1_300,
    arrivedInAll: 1_300,
    output: '',
  };
}

const nothing: Results = { variants: [], flatness: null, udpSoak: null, peers: null };
/** Runs whose ratios are 2, 1.2 and 1.5, in this order; of the medians alone it would be 1.6. */
const variants = [
  {
    variant: plain,
    pairs: [
      { figures: figures(10), bare: figures(5) },
      { figures: figures(6), bare: figures(5) },
      { figures: figures(4.5), bare: figures(3) },
    ],
  },
];

t.test(
  'a ratio is that of each run, and the middle of them is shown with its spread',
  async (t) => {
    const text = textReport({ seed: '7' }, { ...nothing, variants });
    t.match(text, /^seed: 7$/m);
    t.match(text, /^tcp +1\.50 \(1\.20-2\.00\) +1\.4: missed +6\.00 \(4\.50-10\.00\)/m);
    t.match(text, / 123,457 +110 +2\.0 %, 7 times /);
  },
);

t.test('of delays the median, of the greatest the greatest', async (t) => {
  const text = textReport({}, { ...nothing, variants });
  t.match(text, /^tcp +0\.1 +1\.0 +6\.0 +20\.0 +3 +9 +0, 0, 0$/m);
});

t.test('what was not measured has no table', async (t) => {
  t.equal(markdownReport({ seed: '7' }, nothing), '- seed: 7\n');
  t.notMatch(markdownReport({}, { ...nothing, variants }), /UDP\n|Other programs/);
});

t.test('growth below the goal is held, above it missed', async (t) => {
  const row = { what: 'hosts', from: 1_000, to: 10_000, fromMicros: 4, toMicros: 5 };
  const flatness = [0.149, 0.151].map((median) => ({
    ...row,
    change: { median, min: -0.01, max: 0.2 },
  }));
  const text = textReport({}, { ...nothing, flatness });
  t.match(text, /14\.9 % \(-1\.0 % to 20\.0 %\) +15\.0 %: held/);
  t.match(text, /15\.1 % .* 15\.0 %: missed/);
});

t.test('tables are aligned as text, and escaped as Markdown', async (t) => {
  const table = { title: 'T', columns: ['a', 'b'], rows: [['long', 'x|y']], notes: ['note'] };
  t.equal(asText(table), 'T\n\na     b\nlong  x|y\n  note');
  t.equal(asMarkdown(table), '### T\n\n| a | b |\n|---|---|\n| long | x\\|y |\n\nnote');
});

t.test('only the generated part of a document changes', async (t) => {
  const document = 'Before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n';
  t.equal(
    withGenerated(document, 'new $& $1\n'),
    'Before\n<!-- bench:begin -->\nnew $& $1\n<!-- bench:end -->\nafter\n',
  );
  for (const bad of ['', '<!-- bench:begin -->', '<!-- bench:end --><!-- bench:begin -->']) {
    t.throws(() => withGenerated(bad, 'new'), /bench:begin.*bench:end/, bad);
  }
  t.throws(() => withGenerated(document + document, 'new'), /once/);
});

t.test('every datagram has its place in the account', async (t) => {
  const stopped = { msg: 'stopped', received_frames: 90, udp_kernel_drops: 7, udp_dropped_full: 1 };
  const output = `rubbish\n{"msg":"status"}\n${JSON.stringify(stopped)}\n`;
  t.strictSame(accountOf({ sentInAll: 100, arrivedInAll: 90, output }), {
    sent: 100,
    arrived: 90,
    receivedFrames: 90,
    kernelDrops: 7,
    droppedFull: 1,
    unexplained: 2,
  });
  t.throws(() => accountOf({ sentInAll: 1, arrivedInAll: 1, output: '' }), /did not say/);
});
