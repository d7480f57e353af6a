/**
 * Can the evaluation fail? A small run with one seed must be the same twice, must tell the presets apart,
 * and must break its floors as soon as detection does. And docs/evaluation.md must be what the code of
 * today would write: its parameters by a fingerprint, its figures by two runs done anew.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { attackKinds } from '../../bench/evaluation/attacks.js';
import { compareSwitch } from '../../bench/evaluation/compare.js';
import { fingerprint } from '../../bench/evaluation/evaluation.js';
import { exitCode, floorsOf, undefended } from '../../bench/evaluation/floors.js';
import type { Judge } from '../../bench/evaluation/judge.js';
import { measure, type Outcome, recall } from '../../bench/evaluation/measure.js';
import { defaultParameters } from '../../bench/evaluation/parameters.js';
import { checkLine, parametersSection } from '../../bench/evaluation/report.js';
import { run } from '../../bench/evaluation/runs.js';
import {
  presetKeys,
  recommended,
  recommendedWithout,
  type Setting,
  sentinel,
} from '../../bench/evaluation/settings.js';
import { type LabelledTraffic, labelledTraffic } from '../../bench/evaluation/traffic.js';
import { Verdict } from '../../src/verdict.js';
import { anAlert } from '../support/alerts.js';

const seed = 7;
const small = {
  ...defaultParameters,
  days: 14,
  users: 100,
  jpegs_per_workday: 600,
  designers: 3,
  backup_jpegs_per_night: 12,
  incidents_per_kind: 1,
};
const traffic = labelledTraffic({ seed, parameters: small });
const atRecommended = run(recommended, traffic);
const atSentinel = run(sentinel, traffic);
t.comment(`seed ${seed}, ${traffic.frames.length} events`);

t.test(
  'the same seed gives the same traffic and the same outcome; another seed another',
  async (t) => {
    const again = labelledTraffic({ seed, parameters: small });
    t.equal(text(again), text(traffic));
    t.strictSame(run(recommended, again), atRecommended);
    t.not(text(labelledTraffic({ seed: seed + 1, parameters: small })), text(traffic));
  },
);

t.test('events come in order of time, and every attack is in them', async (t) => {
  const times = traffic.frames.map(({ timeMs }) => timeMs);
  t.strictSame(
    times,
    times.toSorted((a, b) => a - b),
  );
  const kinds = Object.keys(attackKinds).filter((kind) => !attackKinds[kind]!.poisoner);
  t.strictSame(new Set(traffic.incidents.map(({ kind }) => kind)), new Set(kinds));
  const labelled = new Set(traffic.frames.map(({ label }) => label.incident));
  t.equal(labelled.size, traffic.incidents.length + 1);
});

t.test('the shipped detection holds every floor', async (t) => {
  const floors = floorsOf([atRecommended], [atSentinel]);
  t.strictSame(
    floors.filter(({ holds }) => !holds),
    [],
  );
  t.equal(exitCode(floors), 0);
});

t.test(
  'recommended finds every visible attack, sentinel half of them, and neither a blind one below the percentile',
  async (t) => {
    t.equal(recall(atRecommended, 'visible'), 1);
    t.ok(recall(atSentinel, 'visible') < 0.7);
    for (const outcome of [atRecommended, atSentinel]) {
      const small = outcome.fates.filter(({ kind }) => kind === 'below the percentile');
      t.strictSame(
        small.map(({ alerted }) => alerted),
        [false],
      );
    }
  },
);

t.test('floors break when detection breaks, and the command would end with 1', async (t) => {
  const noThreshold = on({ percentile: 0.001, minimum_bytes: '0B' });
  const neverReady = on({ minimum_history: '144h', minimum_samples: 1_000_000 });
  const broken: Readonly<Record<string, readonly [Outcome, RegExp]>> = {
    'no threshold test': [run(noThreshold, traffic), /none of the attacks/],
    'not ready, ever': [run(neverReady, traffic), /recall of visible attacks/],
    'no suppression of repeats': [
      run(on({ 'suppress.by': 'none' }), traffic),
      /alerts per day|worst day/,
    ],
    'nothing alerts': [measure(verdictOf(false), traffic), /recall of visible attacks/],
    'everything alerts': [measure(verdictOf(true), traffic), /alerts per day/],
    'sentinel in its place': [atSentinel, /recall of visible attacks/],
  };
  for (const [name, [outcome, expected]] of Object.entries(broken)) {
    const floors = floorsOf([outcome], [atSentinel]);
    t.equal(exitCode(floors), 1, name);
    const named = floors.filter(({ holds }) => !holds).map((floor) => floor.text);
    t.match(named.join('\n'), expected, name);
  }
});

t.test('a switch that closes a gap is seen to do so', async (t) => {
  for (const key of [
    'jpeg.ignore_query',
    'duplicate_keys',
    'skip.actions',
    'feed_profiles',
  ] as const) {
    const off = run(recommendedWithout(key), traffic);
    t.ok(recall(off, 'visible') < recall(atRecommended, 'visible'), key);
    t.equal(compareSwitch([atRecommended], [off]).changes[1]!.verdict, 'better', key);
  }
});

t.test('a poisoner alerts, and hides the payload that comes after', async (t) => {
  const poisoned = labelledTraffic({ seed, parameters: small, poisoned: true });
  const { fates } = run(recommended, poisoned);
  const alerted = (kind: string) =>
    fates.filter((fate) => fate.kind === kind).map((fate) => fate.alerted);
  t.strictSame(alerted('poisoning'), [true]);
  t.strictSame(alerted('after poisoning'), [false]);
  const [payload] = fates.filter(({ kind }) => kind === 'after poisoning');
  t.equal(payload!.sight, 'blind');
});

t.test('a switch that makes things worse needs a defence', async (t) => {
  const comparison = compareSwitch([atSentinel], [atRecommended]);
  t.equal(comparison.verdict, 'worse');
  const floor = undefended([{ key: 'jpeg.ignore_query', where: 'here', comparison }]);
  t.notOk(floor.holds);
  t.match(floor.seen, 'jpeg.ignore_query (here)');
  t.ok(undefended([{ key: 'minimum_history', where: 'here', comparison }]).holds);
});

t.test('docs/evaluation.md is of these parameters, settings and attacks', async (t) => {
  const document = readDocument();
  t.match(document, `\`${fingerprint()}\``, 'stale: run `npm run evaluate`');
  t.ok(document.includes(parametersSection()), 'stale: run `npm run evaluate`');
  for (const key of presetKeys) t.match(document, `| \`${key}\` |`);
  t.notMatch(document, 'BROKEN');
});

t.test('docs/evaluation.md has the figures of seed 1, computed anew', async (t) => {
  const document = readDocument();
  const first = labelledTraffic({ seed: 1, parameters: defaultParameters });
  for (const setting of [sentinel, recommended]) {
    const line = checkLine(setting.name, run(setting, first));
    t.ok(document.includes(line), `stale: run \`npm run evaluate\`; now ${line}`);
  }
});

function on(keys: Setting['keys']): Setting {
  return { name: 'broken', preset: 'recommended', keys };
}

function verdictOf(alerts: boolean): Judge {
  const verdict = new Verdict();
  verdict.alert = alerts ? anAlert() : null;
  return () => verdict;
}

function text({ frames }: LabelledTraffic): string {
  return frames.map(({ frame, label }) => `${frame} ${label.kind} ${label.incident}`).join('\n');
}

function readDocument(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return readFileSync(join(folder, 'docs/evaluation.md'), 'utf8');
}
