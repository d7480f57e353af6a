/** The rules, their tests, the scrape config and the dashboard: valid, and of metrics that there are. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { documentedMetrics } from '../support/metrics.js';
import { requirePeer } from '../support/peers.js';
import { cliPath } from '../support/stegwatch.js';

const root = join(dirname(cliPath), '..');
const prometheus = join(root, 'examples', 'prometheus');
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const rules: readonly Rule[] = parse(read('examples', 'prometheus', 'alerts.yaml')).groups[0].rules;
const dashboard = JSON.parse(read('examples', 'grafana', 'stegwatch.json'));
const panels: readonly Panel[] = dashboard.panels.filter(({ type }: Panel) => type !== 'row');
const queries = panels.flatMap(({ targets }) => targets ?? []);
const documented = new Map(
  documentedMetrics(read('docs', 'metrics.md')).map((metric) => [metric.name, metric]),
);
/** What Prometheus knows of its own accord. */
const labelsOfScrape = ['instance', 'job'];

t.test('the commands of the README end well', async (t) => {
  const promtool = requirePeer(t, 'promtool');
  if (promtool === null) return;
  const [, block = ''] = /```sh\n(.*?)```/s.exec(read('examples', 'prometheus', 'README.md')) ?? [];
  const commands = block.trim().split('\n');
  t.equal(commands.length, 3);
  for (const command of commands) {
    const [program, ...args] = command.split(' ');
    t.equal(program, 'promtool');
    const said = execFileSync(promtool, args, { cwd: prometheus, encoding: 'utf8' });
    t.match(said, /SUCCESS/, command);
  }
});

t.test('each rule is tested to fire, and to be silent when all is well', async (t) => {
  const [calm, ...firing] = parse(read('examples', 'prometheus', 'alerts-test.yaml')).tests;
  const names = rules.map(({ alert }) => alert);
  t.strictSame(
    calm.alert_rule_test.map(({ alertname }: { alertname: string }) => alertname),
    names,
  );
  t.strictSame(
    firing.map(({ name }: { name: string }) => name),
    names,
  );
});

t.test('every metric and label of the rules and the dashboard is documented', async (t) => {
  const all = [...rules.map(({ expr }) => expr), ...queries.map(({ expr }) => expr)];
  t.ok(all.length > 50, `${all.length} expressions`);
  for (const expr of all) {
    const named = metricsIn(expr);
    t.ok(named.length > 0, expr);
    const known = new Set(labelsOfScrape);
    for (const name of named) {
      t.ok(name === 'up' || documented.has(name), `${name} in ${expr}`);
      for (const label of documented.get(name)?.labels ?? []) known.add(label);
    }
    for (const label of labelsIn(expr)) t.ok(known.has(label), `${label} in ${expr}`);
  }
  for (const { expr, legendFormat } of queries) {
    const known = metricsIn(expr).flatMap((name) => documented.get(name)?.labels ?? []);
    for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
      t.ok([...known, ...labelsOfScrape].includes(label!), `${label} in ${legendFormat}`);
    }
  }
});

t.test(
  'a rate or an increase is of a counter, and of counters nothing else is shown',
  async (t) => {
    for (const expr of [...rules, ...queries].map(({ expr }) => expr)) {
      for (const name of metricsIn(expr)) {
        const isCounter = documented.get(name)?.type === 'counter';
        const inRate = new RegExp(`(rate|increase)\\(${name}\\b`).test(expr);
        // A ratio of two counters from the start on.
        if (!/judgeable/.test(expr)) t.equal(inRate, isCounter, `${name} in ${expr}`);
      }
    }
  },
);

t.test('the queries of the dashboard are PromQL', async (t) => {
  const promtool = requirePeer(t, 'promtool');
  if (promtool === null) return;
  const filled = queries.map(({ expr }, i) => ({
    record: `query:${i}`,
    expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'),
  }));
  const file = join(t.testdir({}), 'queries.yaml');
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: filled }] }));
  t.match(execFileSync(promtool, ['check', 'rules', file], { encoding: 'utf8' }), /SUCCESS/);
});

t.test('panels have numbers and places of their own', async (t) => {
  const all = dashboard.panels as { id: number; gridPos: Record<'x' | 'y' | 'w' | 'h', number> }[];
  t.equal(new Set(all.map(({ id }) => id)).size, all.length);
  const taken = new Set<string>();
  for (const {
    id,
    gridPos: { x, y, w, h },
  } of all) {
    t.ok(x + w <= 24, `panel ${id}`);
    for (let i = 0; i < w * h; i++) {
      const cell = `${x + (i % w)},${y + Math.floor(i / w)}`;
      t.notOk(taken.has(cell), `panel ${id} covers another at ${cell}`);
      taken.add(cell);
    }
  }
});

function metricsIn(expr: string): string[] {
  return [...expr.matchAll(/\b(?:stegwatch|process|nodejs)_\w+|\bup\b/g)].map(([name]) => name);
}

/** In matchers and in `by (…)`. */
function labelsIn(expr: string): string[] {
  const matched = [...expr.matchAll(/(\w+)(?:=~|!=|!~|=)"/g)].map(([, label]) => label!);
  const by = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/, */));
  return [...matched, ...by];
}
