/** What an output still holds is one number, whoever asks: the metrics, the page, and the last words of the log. */
import t from 'tap';
import { loadConfig } from '../../src/config/load.js';
import { createFeeds } from '../../src/feeds/feeds.js';
import { Counters, OutputCounters } from '../../src/observe/counters.js';
import { WayOut } from '../../src/pipeline/way-out.js';
import { MemorySpool } from '../../src/spool/memory-spool.js';

t.test('in memory, what was refused and dropped is not lost a second time', async (t) => {
  const config = loadConfig({ text: 'spool: { path: false }', env: {} });
  const quiet = () => {};
  const way = new WayOut({
    config,
    takenIn: {
      ...{ kind: 'memory', output: 'fluentd', whenFull: 'block', maxBytes: 1 << 20 },
      counters: new OutputCounters(),
      spool: new MemorySpool({ maxBytes: 1 << 20 }),
    },
    observes: true,
    feeds: createFeeds({ feeds: [], feedProfiles: false }),
    counters: new Counters(),
    log: { info: quiet, warn: quiet, error: quiet } as never,
  });
  Object.assign(way.counters, {
    ...{ spooled_events: 10, events_acked: 6, dead_letter_events_dropped: 3 },
  });
  t.equal(way.events, 1);
  t.strictSame(await way.close(), { kept: 0, lost: 1 });
});
