/**
 * Runs tap on the compiled tests and prints `N passed, N failed` as the last line. tap builds its own
 * runner on first use in a fresh checkout (it has no JavaScript TypeScript API to lean on here), so
 * that is done first, once.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

const tap = 'node_modules/.bin/tap';
const files = process.argv.slice(2);

if (!existsSync('.tap/plugins')) {
  const built = spawnSync(tap, ['build'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (built.status !== 0) process.exit(built.status ?? 1);
}

const child = spawn(tap, ['run', '--reporter=tap', ...files], {
  stdio: ['ignore', 'pipe', 'inherit'],
});

// Only the summary of each file and what is wrong or skipped is worth a person's screen.
let passed = 0;
let failed = 0;
let skipped = 0;
let showing = false;
const skips = new Map<string, number>();
for await (const line of createInterface({ input: child.stdout })) {
  const point = /^( *)(not ok|ok) \d+ - (.*)$/.exec(line);
  if (point) {
    const [, indent, verdict, title] = point as unknown as [string, string, string, string];
    const skip = /# SKIP\s*(.*)$/i.exec(title);
    showing = verdict === 'not ok';
    if (indent.length === 4 || (verdict === 'not ok' && indent.length === 0)) {
      if (skip) {
        skipped++;
        skips.set(skip[1] ?? '', (skips.get(skip[1] ?? '') ?? 0) + 1);
      } else if (verdict === 'ok') passed++;
      else failed++;
    }
    if (showing || indent === '') console.log(line);
  } else if (showing || /^\s*# (skipped|Subtest: .*\.test\.js)/.test(line)) {
    if (!/# Subtest/.test(line)) console.log(line);
  } else if (/^\s{4,}#? ?(corpus|differential|fluentd|rsyslog|seed)\b/i.test(line)) {
    console.log(line);
  }
}
const code = await new Promise<number>((resolve) => {
  if (child.exitCode !== null) resolve(child.exitCode);
  else child.on('exit', (status) => resolve(status ?? 1));
});
for (const [reason, count] of skips) console.log(`skipped ${count}: ${reason}`);
if (code !== 0 && failed === 0) failed = 1;
if (passed === 0 && failed === 0) {
  console.log('no test was run');
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
