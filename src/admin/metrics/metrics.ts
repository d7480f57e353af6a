/**
 * All metrics, in a registry of our own. Nothing is told to it as events pass: each scrape reads the counters and
 * what else there is.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Counters } from '../../observe/counters.js';
import type { EventLoopDelay } from '../event-loop-delay.js';
import type { RunState } from '../observed.js';
import type { CounterMetric } from './counter-metric.js';
import { liveMetrics, type Sample } from './live-metrics.js';
import { outputCounters } from './output-counters.js';
import { processCounters } from './process-counters.js';

export interface MetricsOptions {
  readonly state: RunState;
  readonly counters: Counters;
  readonly delay: Pick<EventLoopDelay, 'seconds'>;
  readonly version: string;
  /** Epoch ms. */
  readonly now: () => number;
}

const prefix = 'stegwatch_';

/** What prom-client can tell of the process that helps anybody. */
const ofProcess = new Set([
  'process_cpu_seconds_total',
  // These two are read together with it.
  'process_cpu_user_seconds_total',
  'process_cpu_system_seconds_total',
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'process_open_fds',
  'process_max_fds',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_external_memory_bytes',
  'nodejs_gc_duration_seconds',
]);

export function createRegistry(options: MetricsOptions): Registry {
  const { state, counters, now } = options;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray()) {
    if (!ofProcess.has(name)) registry.removeSingleMetric(name);
  }
  const add = (type: 'gauge' | 'counter', metric: Shown): void => addTo(registry, type, metric);

  for (const metric of processCounters) {
    add('counter', { ...shown(metric), read: () => samplesOf(metric, counters, []) });
  }
  for (const metric of outputCounters) {
    const { labels, ...rest } = shown(metric);
    const read = () =>
      (state.observed?.outputs ?? []).flatMap((output) =>
        samplesOf(metric, output.counters, [output.name]),
      );
    add('counter', { ...rest, labels: ['output', ...labels], read });
  }
  for (const { name, type, help, labels, read } of liveMetrics) {
    const suffix = type === 'counter' ? '_total' : '';
    const readNow = () => read({ state, nowMs: now() });
    add(type, { name: `${prefix}${name}${suffix}`, help, labels, read: readNow });
  }
  addOwn(add, options);
  return registry;
}

function addOwn(
  add: (type: 'gauge' | 'counter', metric: Shown) => void,
  { delay, version }: MetricsOptions,
): void {
  add('gauge', {
    name: `${prefix}event_loop_delay_seconds`,
    help: 'How late the event loop was in the last one to two minutes.',
    labels: ['percentile'],
    read: () => [50, 99, 100].map((percentile) => [String(percentile), delay.seconds(percentile)]),
  });
  add('gauge', {
    name: `${prefix}build_info`,
    help: 'Always 1: what is running.',
    labels: ['version', 'node_version'],
    read: () => [[version, process.versions.node, 1]],
  });
}

/** A metric under its whole name. */
interface Shown {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: () => readonly Sample[];
}

function shown({ name, help, labels }: CounterMetric<string>): Omit<Shown, 'read'> {
  return { name: `${prefix}${name}_total`, help, labels };
}

function samplesOf<Key extends string>(
  { of }: CounterMetric<Key>,
  counters: Readonly<Record<Key, number>>,
  before: readonly string[],
): Sample[] {
  return of.map(([key, ...labels]) => [...before, ...labels, counters[key]]);
}

/** Its values are read anew with each scrape: what was there before is forgotten. */
function addTo(registry: Registry, type: 'gauge' | 'counter', metric: Shown): void {
  const { name, help, labels: labelNames, read } = metric;
  const config = { name, help, labelNames, registers: [registry] };
  const labelsOf = (sample: Sample): Record<string, string> =>
    Object.fromEntries(labelNames.map((label, i) => [label, String(sample[i])]));
  if (type === 'counter') {
    const counter: Counter = new Counter({
      ...config,
      collect: () => {
        counter.reset();
        for (const sample of read()) counter.inc(labelsOf(sample), sample.at(-1) as number);
      },
    });
    return;
  }
  const gauge: Gauge = new Gauge({
    ...config,
    collect: () => {
      gauge.reset();
      const samples = read();
      for (const sample of samples) gauge.set(labelsOf(sample), sample.at(-1) as number);
      // Without labels `reset` leaves a 0, which would be an answer.
      if (samples.length === 0 && labelNames.length === 0) gauge.remove();
    },
  });
}
