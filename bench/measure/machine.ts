/** On what, and of what, figures were taken. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import type { BenchOptions } from './arguments.js';
import { repository } from './children.js';
import type { Facts } from './report.js';

export function factsOf(options: BenchOptions, startedMs: number): Facts {
  const { command, seed, events, warmUp, runs } = options;
  const processors = cpus();
  return {
    made: `${new Date(startedMs).toISOString().slice(0, 10)} by \`${command}\``,
    commit: commit(),
    'Node.js': process.version,
    machine:
      `${processors[0]?.model.trim() ?? 'unknown CPU'}, ${processors.length} cores, ` +
      `${(totalmem() / 1024 ** 3).toFixed(0)} GiB, Linux ${release()}, load ${loadavg()[0]!.toFixed(2)} at the start`,
    workload:
      `seed ${seed}, ${events.toLocaleString('en-US')} events after ` +
      `${warmUp.toLocaleString('en-US')} of warm-up`,
    runs: String(runs),
  };
}

/** Short, and whether files differ from it. */
function commit(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, {
      cwd: repository,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const dirty = git('status', '--porcelain', '--untracked-files=no') !== '';
    return git('rev-parse', '--short', 'HEAD') + (dirty ? ', with changes' : '');
  } catch {
    return 'unknown';
  }
}
