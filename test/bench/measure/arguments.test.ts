import t from 'tap';
import { type BenchOptions, parseArguments, UsageError } from '../../../bench/measure/arguments.js';
import { defaultVariants, variants } from '../../../bench/measure/variants.js';

function options(...args: readonly string[]): BenchOptions {
  const parsed = parseArguments(args, {});
  if (parsed === 'help') throw new Error('help');
  return parsed;
}
const names = ({ variants }: BenchOptions): readonly string[] => variants.map(({ name }) => name);

t.test('without options: the default variants, and nothing else', async (t) => {
  const parsed = options();
  t.strictSame(names(parsed), defaultVariants);
  t.match(parsed, { flat: false, udpSoak: null, peers: [], markdown: false, write: null });
  t.equal(parsed.command, 'npm run bench');
});

t.test('--all is every variant, the flatness and the soak', async (t) => {
  const parsed = options('--all');
  t.equal(parsed.variants.length, variants.length);
  t.match(parsed, { flat: true, udpSoak: { rate: 50_000, seconds: 60 } });
  t.equal(parsed.command, 'npm run bench -- --all');
});

t.test(
  'what is asked for alone is measured alone, with variants where they are named',
  async (t) => {
    t.strictSame(names(options('--flat')), []);
    t.strictSame(names(options('--udp-soak', '--udp-rate', '9')), []);
    t.strictSame(names(options('--peer', 'rsyslog')), []);
    t.strictSame(names(options('--flat', '--variants', 'tls,relp-50')), ['tls', 'relp-50']);
  },
);

t.test('a peer stands for all its modes, or for the one that is named', async (t) => {
  const modes = ({ peers }: BenchOptions) => peers.map(({ peer, mode }) => `${peer}/${mode}`);
  t.strictSame(modes(options('--peer', 'rsyslog,syslog-ng/kv')), [
    'rsyslog/raw',
    'rsyslog/mmnormalize',
    'syslog-ng/kv',
  ]);
});

t.test('where a peer is may be told by the environment', async (t) => {
  const env = { BENCH_PEER_ROOT: 'syslog-ng=/opt/a=b,fluentd=/opt/c' };
  t.match(parseArguments([], env), { peerRoots: { 'syslog-ng': '/opt/a=b', fluentd: '/opt/c' } });
  const { peerRoots } = options('--peer-root', 'rsyslog=/other');
  t.strictSame(peerRoots, { rsyslog: '/other' });
});

t.test('mistakes have words', async (t) => {
  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [['--events', '1e6'], /--events: 1e6 is no whole number/],
    [['--runs', '0'], /--runs: must be above 0/],
    [['--runs=-1'], /--runs: -1 is no whole number/],
    [['--warm-up', ''], /--warm-up: {2}is no whole number/],
    [['--variants', 'tcp,smtp'], /there is no smtp; known are tcp, .*relp/],
    [['--peer', 'vector'], /there is no vector; known are rsyslog, .*fluent-bit/],
    [['--peer', 'rsyslog/kv'], /there is no rsyslog\/kv/],
    [['--peer-root', '/opt'], /\/opt is not PEER=DIR/],
    [['--peer-root', 'fluentd='], /fluentd= is not PEER=DIR/],
    [['--evens', '1'], /--evens/],
    [['tcp'], /tcp/],
  ];
  for (const [args, words] of mistakes) {
    t.throws(() => parseArguments(args, {}), { message: words }, args.join(' '));
    t.throws(() => parseArguments(args, {}), UsageError);
  }
});

t.test('--help is asked for', async (t) => {
  t.equal(parseArguments(['--help'], {}), 'help');
});
