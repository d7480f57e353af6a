/** Reads what /metrics answers, and the table of docs/metrics.md. */

export interface MetricFacts {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

export interface Scrape {
  /** By name; a metric without samples has no labels that show. */
  readonly metrics: readonly MetricFacts[];
  /** By name and labels as they stand: `a_total{b="c"}`, `a_total{}`. */
  readonly samples: ReadonlyMap<string, number>;
}

export function readMetrics(text: string): Scrape {
  const facts = new Map<
    string,
    { name: string; type: string; labels: Set<string>; help: string }
  >();
  const samples = new Map<string, number>();
  let current = { name: '', type: '', labels: new Set<string>(), help: '' };
  for (const line of text.split('\n')) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      current = { name: name!, type: '', labels: new Set(), help: rest! };
      facts.set(name!, current);
    } else if (kind === 'TYPE') {
      current.type = rest!;
    } else if (line !== '') {
      const sample = /^([a-z0-9_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (sample === null) throw new Error(`no sample: ${line}`);
      const [, metric, labels = '', value] = sample;
      samples.set(`${metric}{${labels}}`, Number(value));
      for (const [, label] of labels.matchAll(/(?:^|,)([a-z_]+)="(?:[^"\\]|\\.)*"/g)) {
        if (label !== 'le') current.labels.add(label!);
      }
    }
  }
  const metrics = [...facts.values()]
    .map((metric) => ({ ...metric, labels: [...metric.labels] }))
    .sort(byName);
  return { metrics, samples };
}

/** Rows `| name | type | labels | meaning |`. */
export function documentedMetrics(markdown: string): MetricFacts[] {
  return [...markdown.matchAll(/^\| `([a-z0-9_]+)` \| (\w+) \| (.*?) \| (.*) \|$/gm)]
    .map(([, name, type, labels, help]) => ({
      name: name!,
      type: type!,
      labels: [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!),
      help: help!,
    }))
    .sort(byName);
}

function byName(a: MetricFacts, b: MetricFacts): number {
  return a.name < b.name ? -1 : 1;
}
