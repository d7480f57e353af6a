import t from 'tap';
import { reloaded } from '../../src/config/reload.js';
import { load } from './loading.js';

const both = (more = '') =>
  `forward: { fluentd: {}, syslog: { server: { host: siem.example } ${more} } }\n`;

t.test('nothing changes, nothing is named', async (t) => {
  const config = load(both());
  const { config: next, fixed } = reloaded(config, load(both()));
  t.same(next, config);
  t.strictSame(fixed, []);
});

t.test('what may change at any time does', async (t) => {
  const old = load('');
  const next = load(`
listen: { allow: [10.0.0.0/8], tcp: { port: 6000 } }
detection: { percentile: 99, minimum_samples: 7, max_lateness: 2h, suppress: { window: 2h }, level: { high: 4 } }
exclusions: [ { name: n, reason: r, match: { dhost: a.example } } ]
forward: { fluentd: { names: ecs, servers: [ { host: other.example } ] } }
`);
  const { config, fixed } = reloaded(old, next);
  t.strictSame(fixed, []);
  t.same(config, next);
});

t.test('what was made by a setting, or lies somewhere, keeps it', async (t) => {
  const old = load(both());
  const next = load(`
listen: { max_message: 32KiB, max_fields: 100 }
feeds: [ { vendor: A, product: B, judge: false } ]
detection: { lookback: 14d, skip: { methods: [HEAD] }, new_source: host, suppress: { max_alerts: 9 } }
baseline: { path: elsewhere, checkpoint: 20s }
forward: { syslog: { server: { host: siem.example }, spool: { max_size: 1GiB } } }
spool: { path: other, sync: always }
`);
  const { config, fixed } = reloaded(old, next);
  t.strictSame([...fixed].sort(), [
    'baseline.checkpoint',
    'baseline.path',
    'detection.lookback',
    'detection.new_source',
    'detection.skip',
    'detection.suppress.max_alerts',
    'feeds',
    'forward.fluentd',
    'listen.max_fields',
    'listen.max_message',
    'spool.path',
    'spool.sync',
  ]);
  t.same(
    { ...config, file: old.file, notices: old.notices, detection: null },
    { ...old, detection: null },
  );
  t.same(config.detection.skip, old.detection.skip);
});

t.test('with new_source: large_host what is large is kept too', async (t) => {
  const of = (more: string) => load(`detection: { new_source: large_host, ${more} }\n`);
  const { config, fixed } = reloaded(
    of('percentile: 95'),
    of('percentile: 90, minimum_bytes: 1MiB'),
  );
  t.strictSame(fixed, ['detection.percentile', 'detection.minimum_bytes']);
  t.equal(config.detection.percentileMilli, 95_000);
});

t.test('what waits for an output keeps its bounds', async (t) => {
  const { fixed, config } = reloaded(load(both()), load(both(', spool: { max_size: 1GiB }')));
  t.strictSame(fixed, ['forward.syslog.spool']);
  t.equal(config.forward.syslog?.spool.maxBytes, 8 * 1024 ** 3);
});

t.test(
  'a spool in memory takes no RELP in, whatever the new file says of spool.path',
  async (t) => {
    const { config, fixed } = reloaded(
      load('spool: { path: false }'),
      load('spool: { path: data/spool }\nlisten: { relp: { port: 2514 } }'),
    );
    t.strictSame([...fixed].sort(), ['listen.relp', 'spool.path']);
    t.strictSame(config.listen.relp, []);
  },
);
