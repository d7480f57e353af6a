/**
 * `tune` against `hunt` and against the sidecar's own detector, under both presets and random configs:
 * a row says what these say when run with a config that sets its key.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { loadConfig } from '../../../src/config/load.js';
import { hostKeyFor } from '../../../src/detect/event/host.js';
import { ExactBaseline } from '../../../src/detect/exact-baseline.js';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';
import { Stream } from '../../support/streaming.js';
import { cefLine, type Row, randomFrom, traffic } from '../../support/traffic.js';
import { huntJson } from '../hunt/hunting.js';
import { type RowJson, type TuneJson, tuneJson } from './tuning.js';

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 10, 5, 43);
const wallMs = start + 900 * hour;
/** Of fast-check; given in the environment, the same cases come again. */
const seed = Number(process.env.STEGWATCH_SEED ?? Date.now() % 2 ** 31);
t.comment(`STEGWATCH_SEED=${seed}`);

interface Exclusion {
  readonly name: string;
  readonly reason: string;
  readonly match: object;
  readonly learn?: boolean;
  readonly expires?: string;
}

interface Settings {
  readonly detection: Readonly<Record<string, unknown>>;
  readonly exclusions: readonly Exclusion[];
}

interface Case extends Settings {
  readonly seed: number;
}

const reason = 'of the test';
const allExclusions: readonly Exclusion[] = [
  { name: 'users', reason, match: { 'suser|startswith': 'u1' } },
  { name: 'steady', reason, match: { 'dhost|startswith': 's1' }, learn: false },
  { name: 'newcomers', reason, match: { 'dhost|contains': '7' }, learn: true },
  { name: 'until then', reason, match: { 'suser|endswith': '3' }, expires: '2026-11-17' },
  { name: 'never', reason, match: { suser: 'nobody' } },
];

const detections = fc
  .record(
    {
      preset: fc.constantFrom('sentinel', 'recommended'),
      percentile: fc.constantFrom(70, 90, 95, 97.125, 99.9),
      new_source: fc.constantFrom('host', 'registrable_domain', 'large_host'),
      minimum_bytes: fc.constantFrom('0B', '30000B', '64KiB', '1MiB'),
      by: fc.constantFrom('none', 'host', ['user'], ['host', 'user'], 'file'),
      minimum_samples: fc.constantFrom(1, 150),
      minimum_history: fc.constantFrom('0h', '2d'),
    },
    { requiredKeys: ['preset', 'minimum_bytes', 'minimum_samples'] },
  )
  .map(({ by, ...rest }) => (by === undefined ? rest : { ...rest, suppress: { by } }));

const cases = fc.record<Case>({
  seed: fc.nat(),
  detection: detections,
  exclusions: fc.subarray([...allExclusions]),
});

/** Run each time, so that there surely is something to compare. */
const eventful: Case = {
  seed: 1,
  detection: {
    preset: 'recommended',
    percentile: 70,
    minimum_bytes: '30000B',
    minimum_samples: 1,
    suppress: { by: ['host', 'user'] },
  },
  exclusions: allExclusions,
};

const yamlOf = ({ detection, exclusions }: Settings) => JSON.stringify({ detection, exclusions });

/** The config that sets what a row stands for; null for a row that another test looks at. */
function varied(settings: Settings, key: string, { value }: RowJson): Settings | null {
  const withKey = (set: object) => ({
    ...settings,
    detection: { ...settings.detection, ...set },
  });
  if (key === 'percentile') return withKey({ percentile: Number(value) });
  if (key === 'new_source' || key === 'minimum_bytes') return withKey({ [key]: value });
  if (key !== 'exclusions') return null;
  if (value === 'all on') return settings;
  if (value === 'all off') return { ...settings, exclusions: [] };
  const off = value.slice('without '.length);
  return { ...settings, exclusions: settings.exclusions.filter(({ name }) => name !== off) };
}

/** What hunt says, in the terms of a row. */
async function hunted(file: string, settings: Settings) {
  const yaml = yamlOf(settings);
  const { records, summary } = await huntJson([file], { yaml, wallMs });
  const hostKey = hostKeyFor(loadConfig({ text: yaml, env: {} }).detection);
  const hosts = new Set(records.map(({ alert }) => alert.host && hostKey(alert.host)));
  hosts.delete('');
  const threshold = /^threshold {5}([\d,]+) bytes/m.exec(summary)?.[1];
  return {
    alerts: records.length,
    excluded: Number(/^alerts .*, ([\d,]+) more excluded$/m.exec(summary)![1]!.replaceAll(',', '')),
    hosts: hosts.size,
    threshold_bytes: threshold === undefined ? null : Number(threshold.replaceAll(',', '')),
  };
}

function figures({ alerts, excluded, hosts, threshold_bytes }: Omit<RowJson, 'value' | 'running'>) {
  return { alerts, excluded, hosts, threshold_bytes };
}

function blockOf({ blocks }: TuneJson, key: string): readonly RowJson[] {
  return blocks.find((block) => block.key === key)!.rows;
}

t.test('each row is what hunt says under a config that sets its key', async (t) => {
  const file = join(t.testdir({}), 'a.log');
  let rowsCompared = 0;
  let alerts = 0;
  let excluded = 0;
  const direction = fc.constantFrom('download', 'upload', 'both');
  await fc.assert(
    fc.asyncProperty(cases, direction, async ({ seed, ...given }, direction) => {
      const settings = { ...given, detection: { ...given.detection, direction } };
      writeFileSync(file, bothWays(seed).join('\n'));
      const told = await tuneJson([file], { yaml: yamlOf(settings), wallMs });
      const running = await hunted(file, settings);
      assert.deepStrictEqual(figures(told.running), running);
      alerts += running.alerts;
      excluded += running.excluded;
      const rows = told.blocks.flatMap(({ key, rows }) => rows.map((row) => ({ key, row })));
      for (const [at, { key, row }] of rows.entries()) {
        if (row.running) assert.deepStrictEqual(figures(row), running, key);
        // Some of them each time: hunt takes its while.
        const config = (at + seed) % 4 === 0 ? varied(settings, key, row) : null;
        if (config === null) continue;
        assert.deepStrictEqual(figures(row), await hunted(file, config), `${key} ${row.value}`);
        rowsCompared++;
      }
      for (const { key, rows } of told.blocks) {
        const marked = rows.filter((row) => row.running).length;
        assert.equal(marked, rows.length === 0 ? 0 : 1, `one row of ${key} is marked`);
      }
    }),
    { seed, numRuns: 12, examples: [[eventful, 'both']] },
  );
  t.ok(rowsCompared > 20, `${rowsCompared} rows compared`);
  t.ok(alerts >= 20 && excluded >= 20, `${alerts} alerts, ${excluded} excluded`);
});

t.test('what is raised is what the detector raises, under each way to hold back', async (t) => {
  const file = join(t.testdir({}), 'a.log');
  let raised = 0;
  let repeats = 0;
  await fc.assert(
    fc.asyncProperty(cases, async ({ seed, ...settings }) => {
      const rows = withRepeats(traffic({ seed, startMs: start, hours: 190, eventsPerHour: 6 }));
      writeFileSync(file, rows.map((row) => cefLine(row)).join('\n'));
      const told = await tuneJson([file], { yaml: yamlOf(settings), wallMs });
      for (const row of blockOf(told, 'suppress.by')) {
        const counts = streamed(rows, settings, row.value);
        assert.deepStrictEqual(
          { alerts: row.alerts, raised: row.raised, excluded: row.excluded },
          counts,
          row.value,
        );
        raised += row.raised;
        repeats += row.alerts - row.raised;
      }
    }),
    { seed, numRuns: 10, examples: [[eventful]] },
  );
  t.ok(raised > 40 && repeats > 40, `${raised} raised, ${repeats} repeats`);
});

t.test('the same log gives the same report, in whatever order its lines are', async (t) => {
  const directory = t.testdir({});
  const rows = traffic({ seed: 11, startMs: start, hours: 200, eventsPerHour: 8 });
  const lines = rows.map((row) => cefLine(row));
  const files = [join(directory, 'a.log'), join(directory, 'b.log')];
  writeFileSync(files[0]!, lines.join('\n'));
  writeFileSync(files[1]!, lines.toReversed().join('\n'));
  const yaml = yamlOf({ detection: { minimum_bytes: '50000B' }, exclusions: allExclusions });
  const [first, again, reversed] = await Promise.all(
    [files[0]!, files[0]!, files[1]!].map((file) => tuneJson([file], { yaml, wallMs })),
  );
  t.ok(first!.running.alerts > 0);
  t.strictSame(again, first);
  t.strictSame(reversed, first);
});

/** Lines of which some are uploads, of sizes of their own. */
function bothWays(seed: number): readonly string[] {
  const random = randomFrom(seed);
  return traffic({ seed, startMs: start, hours: 190, eventsPerHour: 6 }).map((row) => {
    const sent = Math.round(Math.exp(8 + 3 * random()));
    const method = random() < 0.4 ? ' requestMethod=POST' : '';
    return `${cefLine(row).replace(' out=512 ', ` out=${sent} `)}${method}`;
  });
}

/** Sizes that alert come again, as a picture on a page does that is looked at often. */
function withRepeats(rows: readonly Row[]): readonly Row[] {
  return rows
    .flatMap((row, at) => {
      if ((row.receivedBytes ?? 0) < 150_000) return [row];
      const again = [1, 2].map((n) => ({ ...row, timeMs: row.timeMs + n, user: `u${at % 3}${n}` }));
      return [row, ...again];
    })
    .sort((a, b) => a.timeMs - b.timeMs);
}

/** The sidecar's own detector, repeats by the value of a row. */
function streamed(rows: readonly Row[], settings: Settings, by: string) {
  const config = loadConfig({ text: yamlOf(settings), env: {} });
  const parts = by === 'off' ? [] : (by.split(' and ') as ('host' | 'user' | 'file')[]);
  const suppress = { ...config.detection.suppress, by: parts };
  const detection = { ...config.detection, suppress, time: 'event' } as const;
  const baseline = new ExactBaseline(detection, hostKeyFor(detection));
  const { exclusions } = compileExclusions(config.exclusions);
  const stream = new Stream(detection, baseline, exclusions);
  for (const row of rows) stream.judge(row);
  const { alerts, alerts_repeated, alerts_excluded } = stream.counters;
  return { alerts: alerts + alerts_repeated, raised: alerts, excluded: alerts_excluded };
}
