import t from 'tap';
import { isReady, warmUp } from '../../src/detect/warm-up.js';
import type { Threshold } from '../../src/stages.js';
import { recommended, sentinel } from '../support/detection.js';

const full: Threshold = { bytes: 1000, samples: 100, hours: 72, fromMs: 0, toMs: 1 };

t.test('recommended asks for 100 sizes and 72 hours that hold data', async (t) => {
  t.match(warmUp(full, recommended), { ready: true, lacks: 'nothing' });
  t.match(warmUp({ ...full, samples: 99 }, recommended), {
    ready: false,
    lacks: 'samples',
    have: 99,
    need: 100,
    text: 'not ready: 99 of 100 JPEGs with a size in the lookback',
  });
  t.match(warmUp({ ...full, hours: 71 }, recommended), {
    ready: false,
    lacks: 'history',
    have: 71,
    need: 72,
    text: 'not ready: 71 of 72 hours with data in the lookback',
  });
});

t.test('where the data spans the lookback already, waiting is not advised', async (t) => {
  const hour = 3_600_000;
  const office = { ...full, hours: 60, toMs: 120 * hour };
  t.match(warmUp(office, recommended), {
    ready: false,
    stuck: true,
    text: /lower minimum_history$/,
  });
  t.match(warmUp({ ...office, toMs: 119 * hour }, recommended), { stuck: false });
  t.match(warmUp({ ...office, samples: 5 }, recommended), {
    stuck: true,
    text: /lower minimum_samples$/,
  });
  t.match(warmUp({ ...office, hours: 72 }, recommended), { ready: true, stuck: false });
});

t.test('without a size in the lookback there is no threshold, so nothing is ready', async (t) => {
  const empty: Threshold = { bytes: null, samples: 0, hours: 80, fromMs: 0, toMs: 1 };
  t.match(warmUp(empty, sentinel), { ready: false, lacks: 'sizes', have: 0, need: 1 });
  t.match(warmUp(empty, recommended), { ready: false, lacks: 'sizes', have: 0, need: 100 });
});

t.test('sentinel is ready with one size', async (t) => {
  t.ok(warmUp({ ...full, samples: 1, hours: 1 }, sentinel).ready);
  t.ok(warmUp({ ...full, bytes: 0, samples: 1, hours: 1 }, sentinel).ready, 'zero is a threshold');
});

t.test('the path of an event and the people are told the same', async (t) => {
  for (const bytes of [null, 0, 5]) {
    for (const samples of [0, 1, 99, 100]) {
      for (const hours of [0, 71, 72]) {
        for (const detection of [sentinel, recommended]) {
          const threshold = { ...full, bytes, samples, hours };
          t.equal(isReady(threshold, detection), warmUp(threshold, detection).ready);
        }
      }
    }
  }
});
