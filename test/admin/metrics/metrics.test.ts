/** The metrics: all counters are among them, docs/metrics.md has each, and senders cannot make series at will. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { createRegistry } from '../../../src/admin/metrics/metrics.js';
import { outputCounters } from '../../../src/admin/metrics/output-counters.js';
import { processCounters } from '../../../src/admin/metrics/process-counters.js';
import { type Observed, RunState } from '../../../src/admin/observed.js';
import { Counters, OutputCounters } from '../../../src/observe/counters.js';
import { documentedMetrics, readMetrics } from '../../support/metrics.js';
import { aBatch, aFeed, output, running } from '../seen.js';

const now = Date.UTC(2026, 10, 24);

function registryOf(state: RunState, counters = new Counters()) {
  const delay = { seconds: (percentile: number) => percentile / 100 };
  return createRegistry({ state, counters, delay, version: '1.2.3', now: () => now });
}

async function scrape(state: RunState, counters?: Counters) {
  return readMetrics(await registryOf(state, counters).metrics());
}

/** `filter` counts too, and answers nobody over HTTP. */
const shownOf = (counters: object) =>
  Object.keys(counters).filter((key) => !key.startsWith('filter_'));

t.test('every counter is in one metric, or is the sum of one', async (t) => {
  for (const [metrics, counters] of [
    [processCounters, new Counters()],
    [outputCounters, new OutputCounters()],
  ] as const) {
    const shown = metrics.flatMap(({ of, sum }) => [
      ...of.map(([key]) => key),
      ...(sum ? [sum] : []),
    ]);
    t.strictSame([...shown].sort(), shownOf(counters).sort());
  }
});

t.test('each counter shows in its own sample and in no other', async (t) => {
  const counters = new Counters();
  const own = new OutputCounters();
  let next = 1;
  const numbered: Record<string, number> = {};
  for (const all of [counters, own]) {
    for (const key of shownOf(all)) {
      numbered[key] = next;
      (all as unknown as Record<string, number>)[key] = next++;
    }
  }
  const { samples } = await scrape(
    running({ outputs: [output('fluentd', { counters: own })] }),
    counters,
  );
  for (const { name, labels, of } of processCounters) {
    for (const [key, ...values] of of) {
      const at = labels.map((label, i) => `${label}="${values[i]}"`).join(',');
      t.equal(samples.get(`stegwatch_${name}_total{${at}}`), numbered[key], key);
    }
  }
  for (const { name, labels, of } of outputCounters) {
    for (const [key, ...values] of of) {
      const at = ['output="fluentd"', ...labels.map((label, i) => `${label}="${values[i]}"`)].join(
        ',',
      );
      t.equal(samples.get(`stegwatch_${name}_total{${at}}`), numbered[key], key);
    }
  }
});

t.test('docs/metrics.md has each metric with type, labels and meaning, and no other', async (t) => {
  const { metrics } = await scrape(running());
  const documents = documentedMetrics(
    readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8'),
  );
  // Whether there has been a garbage collection yet, with its kind, is chance.
  const collecting = { name: 'nodejs_gc_duration_seconds', labels: ['kind'] };
  t.strictSame(
    documents,
    metrics.map((metric) => ({ ...metric, ...(metric.name === collecting.name && collecting) })),
  );
});

t.test('names follow the rules: base units, counters and nothing else end in _total', async (t) => {
  const { metrics } = await scrape(running());
  t.ok(metrics.length > 80, `${metrics.length} metrics`);
  for (const { name, type } of metrics) {
    t.match(name, /^(stegwatch|process|nodejs)_[a-z0-9_]+$/);
    // The two that prom-client names otherwise count no events.
    if (name.startsWith('stegwatch_')) t.equal(name.endsWith('_total'), type === 'counter', name);
    t.notMatch(name, /_(ms|kb|mb|percent|milliseconds)(_|$)/);
  }
});

t.test('while it is loading what is not there yet has no samples', async (t) => {
  const { samples } = await scrape(new RunState());
  t.equal(samples.get('stegwatch_ready{}'), 0);
  t.equal(samples.get('stegwatch_events_total{}'), 0);
  t.notOk(samples.has('stegwatch_inputs_paused{}'), 'not 0, which would be an answer');
  t.strictSame(
    [...samples.keys()].filter((key) => /^stegwatch_(spool_|feed_)|baseline_ready/.test(key)),
    [],
  );
});

t.test('a scrape forgets what the one before has seen', async (t) => {
  const state = running();
  const registry = registryOf(state);
  const spool = output('fluentd').spool;
  const read = async () => readMetrics(await registry.metrics()).samples;
  state.observed = {
    ...state.observed!,
    outputs: [output('fluentd', { spool }), output('syslog')],
  };
  spool.append({ ...aBatch, oldestMs: now - 2500 });
  const first = await read();
  t.equal(first.get('stegwatch_spool_oldest_event_age_seconds{output="fluentd"}'), 2.5);
  t.equal(first.get('stegwatch_spool_full{output="fluentd"}'), 1);
  spool.ack(1);
  state.observed = { ...state.observed!, outputs: [output('fluentd', { spool })] };
  const second = await read();
  t.equal(second.get('stegwatch_spool_oldest_event_age_seconds{output="fluentd"}'), 0);
  t.notOk([...second.keys()].some((key) => key.includes('output="syslog"')));
});

t.test(
  'senders name feeds: their series are bounded, keep their place, and are escaped',
  async (t) => {
    const nasty = 'A"\\\nstegwatch_ready 1';
    const feeds = [aFeed(nasty, { events: 1 })];
    for (let i = 0; i < 999; i++)
      feeds.push(aFeed(`feed ${i}`, { events: 1, jpegs: 1, noBytes: 1 }));
    feeds.push(aFeed('feed 0', { events: 5 }));
    const state = running({ feeds: () => feeds });
    const text = await registryOf(state).metrics();
    t.match(text, 'stegwatch_feed_events_total{feed="A\\"\\\\\\nstegwatch_ready 1"} 1\n');
    t.notMatch(text, /^stegwatch_ready 1"/m);
    const { samples } = readMetrics(text);
    const series = [...samples.keys()].filter((key) =>
      key.startsWith('stegwatch_feed_events_total'),
    );
    t.equal(series.length, 51);
    t.equal(samples.get('stegwatch_feed_events_total{feed="feed 0"}'), 6, 'of one name together');
    t.equal(samples.get('stegwatch_feed_events_total{feed="all others"}'), 950);
    const all = series.reduce((sum, key) => sum + samples.get(key)!, 0);
    t.equal(all, 1005, 'nothing is left out');
  },
);

t.test('a feed that cannot be judged shows', async (t) => {
  const feeds: Observed['feeds'] = () => [
    aFeed('fine', { jpegs: 100, skipped: 10, noUrl: 5, noBytes: 2, noHost: 1, otherWay: 3 }),
    aFeed('blind', { jpegs: 2000, noBytes: 2000 }, 'none of 2,000 JPEG events carries a size'),
  ];
  const { samples } = await scrape(running({ feeds }));
  t.equal(samples.get('stegwatch_feed_judgeable_events_total{feed="fine"}'), 80);
  t.equal(samples.get('stegwatch_feed_judgeable_events_total{feed="blind"}'), 0);
  t.equal(samples.get('stegwatch_feed_warning{feed="fine"}'), 0);
  t.equal(samples.get('stegwatch_feed_warning{feed="blind"}'), 1);
  t.equal(samples.get('stegwatch_feed_unfit_events_total{feed="fine",reason="skipped"}'), 10);
});
