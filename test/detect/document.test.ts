/** Holds the tables of docs/detection.md to the code; that of levels is held by level.test.ts. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { DetectionConfig } from '../../src/config/config.js';
import { presets } from '../../src/config/presets.js';
import { hostKeyFor, normalizeHost } from '../../src/detect/event/host.js';
import { ExactBaseline } from '../../src/detect/exact-baseline.js';
import { compare, hostToLearn } from '../../src/detect/rule.js';
import { recommended } from '../support/detection.js';

const document = read('docs/detection.md');
const hour = 1000;

t.test('the presets: a row for each key and no others', async (t) => {
  const rows = [...section('## The presets').matchAll(/^\| `([\w.]+)` \|/gm)].map((row) => row[1]!);
  t.strictSame(rows.sort(), Object.keys(presets.recommended).sort());
});

t.test('the host: as received and as compared', async (t) => {
  const rows = [...section('### The host').matchAll(/^\| (`.+`) \| `(.+)` \|$/gm)];
  t.ok(rows.length >= 6, `${rows.length} rows`);
  for (const [, received, compared] of rows) {
    for (const [, host] of received!.matchAll(/`([^`]+)`/g)) {
      t.equal(normalizeHost(host!), compared, host!);
    }
  }
  t.match(document, '`127.1`, `0x7f000001` | as they are');
  for (const host of ['127.1', '0x7f000001']) t.equal(normalizeHost(host), host);
});

t.test('a new source: the example of each setting', async (t) => {
  const [header, , ...rows] = section('## What a new source is').match(/^\|.+\|$/gm)!;
  const settings = cells(header!).slice(1) as DetectionConfig['newSource'][];
  t.strictSame(settings, ['host', 'registrable_domain', 'large_host']);
  const examples = rows.map(cells).filter((row) => row.length === 4);
  t.equal(examples.length, 5);
  for (const [at, newSource] of settings.entries()) {
    const detection: DetectionConfig = { ...recommended, newSource };
    const baseline = exampleBaseline(detection);
    for (const [host, ...expected] of examples) {
      const { alerts } = compare(5_000_000, [host!], hour, baseline, detection);
      t.equal(alerts ? '**alert**' : 'known', expected[at], `${newSource}: ${host}`);
    }
  }
});

/** A large JPEG of one host, small ones of two, and enough others, as the text above the table has it. */
function exampleBaseline(detection: DetectionConfig): ExactBaseline {
  const baseline = new ExactBaseline(detection, hostKeyFor(detection));
  const learn = (at: number, bytes: number, host: string) => {
    const threshold = baseline.threshold(at);
    baseline.learn(at, bytes, hostToLearn(host, bytes, threshold, detection));
  };
  for (let at = hour - 168; at < hour - 24; at++) learn(at, 60_000, 'pictures.example');
  learn(hour - 72, 20_000, 'img1.shop.example');
  learn(hour - 72, 6_000_000, 'big.archive.example');
  learn(hour - 72, 20_000, 'alice.github.io');
  return baseline;
}

function section(heading: string): string {
  const end = heading.startsWith('###') ? /\n#{2,3} / : /\n## /;
  return document.split(`\n${heading}\n`)[1]!.split(end)[0]!;
}

/** Without the backticks around names. */
function cells(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replace(/^`(.+)`$/, '$1'));
}

function read(path: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, path))) folder = dirname(folder);
  return readFileSync(join(folder, path), 'utf8');
}
