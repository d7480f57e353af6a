/**
 * Goal: exclusions cost no more than the event is long, whatever the patterns, and no more for a list of a
 * million values than for ten. Method: JPEG events made to hurt, all alerts, through the whole path; CPU
 * time compared. Single operators: test/detect/exclusions/bounded-work.test.ts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../src/config/load.js';
import { compileExclusions } from '../../src/detect/exclusions/exclusions.js';
import { cpuRatio } from '../support/cpu.js';
import { WholePath } from '../support/whole-path.js';

t.setTimeout(110_000);

const now = Date.UTC(2026, 10, 24, 12, 30);
const cef = 'CEF:0|Acme|Proxy|1|web|web access|3|';
const base = `
listen: { max_message: 1MiB, max_fields: 4096 }
detection:
  preset: sentinel
  suppress: { by: [] }
`;

/** A path on which a JPEG of 5 MB of a new host is an alert. */
async function opened(folder: string, exclusions: string): Promise<WholePath> {
  const path = await WholePath.open(`${base}exclusions:\n${exclusions}`, folder, now);
  path.frame(Buffer.from(`${cef}request=http://a.example/a.jpg in=9 dhost=a.example`), now - 1e8);
  path.take();
  return path;
}

function alertOf(keys: string): Buffer {
  return Buffer.from(`${cef}in=5000000 ${keys} request=http://new.example/a.jpg`);
}

t.test('patterns that blow up elsewhere take time in proportion to the text', async (t) => {
  const patterns = ['(a+)+$', '(a|aa)+$', '(a*)*c', '(.*a){8}$', '([a-z]+)*[0-9]', '(a?){9}a{9}c'];
  const rule = (pattern: string, i: number): string =>
    `  - { name: r${i}, reason: b, match: { "msg|re": "${pattern}", "dhost|re": "${pattern}" } }\n`;
  const path = await opened(t.testdir(), patterns.map(rule).join(''));
  const texts = ['a', 'ab', 'a.', 'ä', '!', 'a '];
  for (const unit of texts) {
    const work = (bytes: number, copies: number) => {
      const text = `${unit.repeat(bytes / unit.length)}!`;
      const frame = alertOf(`msg=${text} dhost=${text}`);
      return () => {
        for (let i = 0; i < copies; i++) path.frame(frame, now);
        path.take();
      };
    };
    const alerts = path.counters.alerts;
    // The same bytes: 16 times as long takes as long as 16 of them, and not 16 times that.
    const ratio = cpuRatio(work(2048, 16), work(32_768, 1), 5);
    t.ok(ratio < 5, `${JSON.stringify(unit)}: ${ratio.toFixed(2)} times`);
    t.ok(path.counters.alerts > alerts, 'they were alerts, so each pattern was asked');
  }
  t.equal(path.counters.alerts_excluded, 0);
});

t.test('a million values cost an event what ten cost', async (t) => {
  const folder = t.testdir({});
  const exclusionsOf = (count: number): string => {
    const file = valuesFile(folder, count);
    return ['dhost|domain', 'suser', 'request|contains']
      .slice(0, count > 100_000 ? 2 : 3)
      .map((key, i) => `  - { name: v${i}, reason: b, match: { "${key}|values_file": ${file} } }\n`)
      .join('');
  };
  const few = await opened(join(folder, 'few'), exclusionsOf(10));
  const many = await opened(join(folder, 'many'), exclusionsOf(1_000_000));
  const labels = 'a.'.repeat(15_000);
  for (const host of ['x.h7.example.org', labels, 'host-'.repeat(6000), '.'.repeat(30_000)]) {
    const frame = alertOf(`dhost=${host} suser=${host}`);
    const work = (path: WholePath) => () => {
      for (let i = 0; i < 30; i++) path.frame(frame, now);
      path.take();
    };
    // Some look-ups miss a cache in the larger one; a list walked through would be 100,000 times.
    const ratio = cpuRatio(work(few), work(many), 20);
    t.ok(ratio < 20, `${host.slice(0, 20)}: ${ratio.toFixed(2)} times`);
  }
  t.equal(many.counters.alerts_excluded, 0);
  many.frame(alertOf('dhost=a.b.h999999.example suser=x'), now);
  t.match(
    many.verdict.suppressed,
    { by: 'exclusion', name: 'v0' },
    'the last of the million is there',
  );
});

t.test('values made to collide or nest load in proportion to their number', async (t) => {
  const folder = t.testdir({});
  const lists: Readonly<Record<string, (i: number) => string>> = {
    numbered: (i) => `h${i}.example`,
    'all below one another': (i) => `${'a.'.repeat(i % 60)}${i}.example`,
    'long beginnings alike': (i) => `${'x'.repeat(60)}${i}`,
    'wildcards in none': (i) => `\\\\*${i}`,
  };
  for (const [name, line] of Object.entries(lists)) {
    const work = (count: number, copies: number) => {
      const file = valuesFile(folder, count, line);
      const match = `{ "dhost|domain|values_file": ${file} }`;
      const plain = `{ "suser|values_file": ${file} }`;
      const text = `exclusions:\n  - { name: a, reason: b, match: [ ${match}, ${plain} ] }\n`;
      return () => {
        for (let i = 0; i < copies; i++)
          compileExclusions(loadConfig({ text, env: {} }).exclusions);
      };
    };
    const ratio = cpuRatio(work(4000, 16), work(64_000, 1), 6);
    t.ok(ratio < 6, `${name}: ${ratio.toFixed(2)} times`);
  }
});

/** @returns its path, quoted for YAML */
function valuesFile(
  folder: string,
  count: number,
  line: (i: number) => string = (i) => `h${i}.example`,
): string {
  const file = join(folder, `${count}.txt`);
  writeFileSync(file, Array.from({ length: count }, (_, i) => line(i)).join('\n'));
  return JSON.stringify(file);
}
