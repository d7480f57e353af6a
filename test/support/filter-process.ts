/** `filter` as a process of a test. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';
import { testFolder } from './folder.js';
import { numberedLines } from './numbered-lines.js';
import { cliPath } from './stegwatch.js';

export const [event] = numberedLines({ from: 2, count: 1, alertEvery: 0, atMs: Date.now() });
/** Event 1 is a JPEG, and large. */
export const [alert] = numberedLines({ from: 1, count: 1, alertEvery: 1, atMs: Date.now() });

/** A folder with a config; its baseline is in it. */
export function setUp(t: Test, yaml = ''): string {
  const folder = testFolder(t, {});
  writeFileSync(join(folder, 'c.yaml'), `baseline: { path: baseline }\n${yaml}`);
  return folder;
}

export function start(
  t: Test,
  folder: string,
  protocol = 'lines',
  ...more: readonly string[]
): ChildProcessWithoutNullStreams {
  const args = [cliPath, 'filter', '-c', 'c.yaml', '--protocol', protocol, ...more];
  const child = spawn(process.execPath, args, { cwd: folder });
  t.teardown(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => {});
  return child;
}

export function command(folder: string, ...args: readonly string[]) {
  return spawn(process.execPath, [cliPath, ...args], { cwd: folder });
}

export async function started(child: ChildProcessWithoutNullStreams): Promise<void> {
  let said = '';
  for await (const bytes of child.stderr.iterator({ destroyOnReturn: false })) {
    said += String(bytes);
    if (said.includes('"msg":"started"')) break;
  }
  child.stderr.resume();
}

export async function endOf(child: ChildProcessWithoutNullStreams) {
  const [[code, signal], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  return { code, signal, stdout, stderr, log: lines.map((line) => JSON.parse(line)) };
}

export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
