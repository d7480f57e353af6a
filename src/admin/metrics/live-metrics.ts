/** Metrics that are read where they are, not counted: spools, baselines, feeds, readiness. */

import { notReadyReasons } from '../health.js';
import type { FeedFacts, Observed, RunState } from '../observed.js';
import { oldestAgeMs } from '../observed.js';
import { type FeedSeries, feedSeries } from './feed-series.js';

/** Values of the labels, then the value. */
export type Sample = readonly [...labels: string[], value: number];

export interface LiveMetric {
  /** Without `stegwatch_`. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly labels: readonly string[];
  /** Null, while loading, gives none. */
  readonly read: (seen: Seen) => readonly Sample[];
}

export interface Seen {
  readonly state: RunState;
  readonly nowMs: number;
}

type Read<T> = (from: T) => readonly Sample[];

/** Of what is there once the state is loaded. */
function gauge(
  name: string,
  labels: readonly string[],
  help: string,
  read: (observed: Observed, nowMs: number) => readonly Sample[],
): LiveMetric {
  return {
    ...{ name, type: 'gauge', help, labels },
    read: ({ state: { observed }, nowMs }) => (observed === null ? [] : read(observed, nowMs)),
  };
}

function ofBaseline(
  name: string,
  help: string,
  read: (facts: ReturnType<Observed['baselines']>[number]) => number | null,
): LiveMetric {
  return gauge(`baseline_${name}`, ['direction'], help, (observed) =>
    observed.baselines().flatMap((facts): Sample[] => {
      const value = read(facts);
      return value === null ? [] : [[facts.direction, value]];
    }),
  );
}

function ofSpool(
  name: string,
  help: string,
  read: (output: Observed['outputs'][number], nowMs: number) => number | null,
): LiveMetric {
  return gauge(`spool_${name}`, ['output'], help, ({ outputs }, nowMs) =>
    outputs.flatMap((output): Sample[] => {
      const value = read(output, nowMs);
      return value === null ? [] : [[output.name, value]];
    }),
  );
}

function ofFeeds(
  name: string,
  labels: readonly string[],
  help: string,
  read: Read<FeedSeries>,
  type: LiveMetric['type'] = 'counter',
): LiveMetric {
  const all = (feeds: readonly FeedFacts[]) =>
    feedSeries(feeds).flatMap((series) =>
      read(series).map((sample): Sample => [series.feed, ...sample] as unknown as Sample),
    );
  return {
    ...{ name: `feed_${name}`, type, help, labels: ['feed', ...labels] },
    read: ({ state: { observed } }) => (observed === null ? [] : all(observed.feeds())),
  };
}

const secondsPerHour = 3600;

export const liveMetrics: readonly LiveMetric[] = [
  {
    name: 'ready',
    type: 'gauge',
    help: '1 if events are taken in, as /readyz says.',
    labels: [],
    read: ({ state }) => [[notReadyReasons(state).length === 0 ? 1 : 0]],
  },
  gauge('inputs_paused', [], '1 while a full spool keeps the inputs from reading.', (observed) => [
    [observed.paused() ? 1 : 0],
  ]),
  gauge('input_listening', ['input'], '1 while the listener listens.', ({ inputs }) =>
    inputs.map(({ name, listening }) => [name, listening ? 1 : 0]),
  ),
  gauge('input_open_connections', ['input'], 'Connections that are open.', ({ inputs }) =>
    inputs.flatMap(({ name, connections }): Sample[] =>
      connections === undefined ? [] : [[name, connections]],
    ),
  ),
  ofFeeds('events', [], 'CEF events of the feed. 50 feeds have series of their own.', (feed) => [
    [feed.events],
  ]),
  ofFeeds('jpeg_events', [], 'JPEG events of the feed.', (feed) => [[feed.jpegs]]),
  ofFeeds('judgeable_events', [], 'JPEG events of the feed with a URL and a size.', (feed) => [
    [feed.judgeable],
  ]),
  ofFeeds('unfit_events', ['reason'], 'JPEG events of the feed that lack something.', (feed) => [
    ['skipped', feed.skipped],
    ['no_url', feed.noUrl],
    ['no_bytes', feed.noBytes],
    ['no_host', feed.noHost],
  ]),
  ofFeeds(
    'warning',
    [],
    '1 if next to nothing of the feed can be judged; the log says why.',
    (feed) => [[feed.warnings > 0 ? 1 : 0]],
    'gauge',
  ),
  ofBaseline('ready', '1 if the baseline rests on enough to alert.', ({ ready }) =>
    ready ? 1 : 0,
  ),
  ofBaseline(
    'threshold_bytes',
    'Larger JPEGs are large; none while there is no size.',
    (facts) => facts.thresholdBytes,
  ),
  ofBaseline('samples', 'Sizes in the lookback.', ({ samples }) => samples),
  ofBaseline(
    'history_seconds',
    'Time of the lookback that holds data, in whole hours.',
    ({ hours }) => hours * secondsPerHour,
  ),
  gauge('baseline_hosts', ['direction', 'state'], 'Hosts remembered.', (observed) =>
    observed.baselines().flatMap(({ direction, knownHosts, pendingHosts }): Sample[] => [
      [direction, 'known', knownHosts],
      [direction, 'pending', pendingHosts],
    ]),
  ),
  ofBaseline(
    'new_hosts',
    'Of the hosts remembered, those first seen in the present hour.',
    ({ newHosts }) => newHosts,
  ),
  ofBaseline('max_hosts', 'Hosts that may be remembered.', ({ maxHosts }) => maxHosts),
  ofSpool('size_bytes', 'Bytes that wait for delivery.', ({ spool }) => spool.bytes),
  ofSpool('max_size_bytes', 'Bytes that may wait for delivery.', ({ maxBytes }) => maxBytes),
  ofSpool('size_batches', 'Batches that wait for delivery.', ({ spool }) => spool.batches),
  ofSpool('size_events', 'Events that wait for delivery.', (output) => output.events()),
  ofSpool(
    'oldest_event_age_seconds',
    'How long the oldest event has waited; none for a moment while it is read from disk.',
    (output, nowMs) => {
      const ageMs = oldestAgeMs(output, nowMs);
      return ageMs === null ? null : ageMs / 1000;
    },
  ),
  ofSpool('full', '1 while the spool is full.', ({ spool }) => (spool.full ? 1 : 0)),
  ofSpool('writable', '0 while its disk takes nothing in.', (output) =>
    output.writable() ? 1 : 0,
  ),
];
