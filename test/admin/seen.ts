/** A process to be observed, as far as the admin listener sees it. */
import { type FeedFacts, type Observed, RunState } from '../../src/admin/observed.js';
import { Feed, type FeedProfile } from '../../src/feed.js';
import { OutputCounters } from '../../src/observe/counters.js';
import { MemorySpool } from '../../src/spool/memory-spool.js';

export function aFeed(name: string, changes: Partial<Feed> = {}, text = ''): FeedFacts {
  const feed = new Feed(name, {} as FeedProfile);
  const warning = text !== '';
  return { feed: Object.assign(feed, changes), status: warning ? 'weak' : 'ok', text, warning };
}

export function running(changes: Partial<Observed> = {}): RunState {
  const state = new RunState();
  state.phase = 'running';
  state.observed = {
    inputs: [input('udp 127.0.0.1:5514'), { ...input('tcp 127.0.0.1:5514'), connections: 3 }],
    paused: () => false,
    outputs: [output('fluentd')],
    baselines: () => [
      {
        ...{ direction: 'download', ready: true, text: 'ready', thresholdBytes: 200_000 },
        ...{
          samples: 4321,
          hours: 100,
          knownHosts: 70,
          pendingHosts: 8,
          newHosts: 2,
          sizes: () => [],
          maxHosts: 1000,
        },
      },
    ],
    feeds: () => [aFeed('Acme Proxy', { events: 10, jpegs: 2 })],
    ...changes,
  };
  return state;
}

export function input(name: string, listening = true): Observed['inputs'][number] {
  const done = async () => {};
  return { name, port: 5514, listening, start: done, stop: done, pause() {}, resume() {} };
}

export function output(
  name: string,
  changes: Partial<Observed['outputs'][number]> = {},
): Observed['outputs'][number] {
  return {
    ...{ name, counters: new OutputCounters(), maxBytes: 1000, blocks: true },
    spool: new MemorySpool({ maxBytes: 1000 }),
    writable: () => true,
    trouble: () => null,
    connected: () => true,
    events: () => 0,
    ...changes,
  };
}

export const aBatch = {
  observations: Buffer.alloc(0),
  entries: Buffer.alloc(600),
  alertsAt: 600,
  eventCount: 3,
  alertCount: 0,
};
