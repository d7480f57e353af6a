import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { type LevelFacts, levelInWords, levelOf } from '../../../src/detect/alert/level.js';
import type { HostState } from '../../../src/verdict.js';
import { recommended } from '../../support/detection.js';

const { level } = recommended;
const nothing: LevelFacts = {
  ratio: 1.5,
  hostState: 'pending',
  mismatch: false,
  direction: 'download',
};

t.test('the table in docs/detection.md is what the code says', async (t) => {
  const section = read('docs/detection.md').split('\n## Level\n')[1]!.split('\n## ')[0]!;
  const rows = [
    ...section.matchAll(
      /^\| ([\d.]+) \| `(\w+)` \| (yes|no) \| (download|upload) \| (\d+) \| `(\w+)` \|$/gm,
    ),
  ];
  t.ok(rows.length >= 8, `${rows.length} rows`);
  for (const [row, ratio, hostState, mismatch, direction, points, expected] of rows) {
    const facts = {
      ratio: Number(ratio),
      hostState: hostState as HostState,
      mismatch: mismatch === 'yes',
      direction: direction as LevelFacts['direction'],
    };
    t.equal(levelOf(facts, level), expected, row);
    t.match(levelInWords(facts, level)[0], `level ${expected}: ${points} point`, row);
  }
  t.strictSame(
    new Set(rows.map((row) => row[6])),
    new Set(['low', 'medium', 'high', 'critical']),
    'each level has an example',
  );
});

t.test('a point is given for what is reached, not for what is nearly', async (t) => {
  t.equal(levelOf({ ...nothing, ratio: 2.99 }, level), 'low');
  t.equal(levelOf({ ...nothing, ratio: 3 }, level), 'medium');
  t.equal(levelOf({ ...nothing, ratio: 29.99, hostState: 'never_seen' }, level), 'high');
  t.equal(levelOf({ ...nothing, ratio: 30, hostState: 'never_seen' }, level), 'high');
  t.equal(
    levelOf({ ...nothing, ratio: 30, hostState: 'never_seen', direction: 'upload' }, level),
    'critical',
  );
});

t.test('without a host an alert is low, whatever else is true', async (t) => {
  const facts: LevelFacts = {
    ratio: 1e6,
    hostState: 'absent',
    mismatch: true,
    direction: 'upload',
  };
  t.equal(levelOf(facts, level), 'low');
  t.match(levelInWords(facts, level)[0], 'level low: 6 points');
  t.match(levelInWords(facts, level)[0], 'always low, since the event names no host');
});

t.test('points and bounds are those of the config', async (t) => {
  const own = {
    ratios: [100],
    neverSeen: 0,
    mismatch: 7,
    upload: 3,
    medium: 0,
    high: 3,
    critical: 10,
  };
  t.equal(levelOf({ ...nothing, hostState: 'never_seen' }, own), 'medium', 'from 0 points');
  t.equal(levelOf({ ...nothing, direction: 'upload' }, own), 'high');
  t.equal(levelOf({ ...nothing, direction: 'upload', mismatch: true }, own), 'critical');
  t.equal(levelOf({ ...nothing, ratio: 100, mismatch: true }, own), 'high');
});

t.test('in words: every point with its reason, and what gave none', async (t) => {
  t.strictSame(
    levelInWords(
      { ratio: 12.5, hostState: 'never_seen', mismatch: true, direction: 'upload' },
      level,
    ),
    [
      'level critical: 6 points (medium from 1, high from 3, critical from 5)',
      '+1 at least 3 times the threshold',
      '+1 at least 10 times the threshold',
      '+0 less than 30 times the threshold',
      '+1 the host was never seen',
      '+2 file type and name disagree',
      '+1 an upload',
    ],
  );
  t.strictSame(levelInWords({ ...nothing, ratio: 3 }, { ...level, ratios: [3] }), [
    'level medium: 1 point (medium from 1, high from 3, critical from 5)',
    '+1 at least 3 times the threshold',
    '+0 the host was seen in the newest day',
    '+0 file type and name do not disagree',
    '+0 a download',
  ]);
});

function read(path: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return readFileSync(join(folder, path), 'utf8');
}
