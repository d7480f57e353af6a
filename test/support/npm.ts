/** npm as a process that asks nobody. */
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cliPath } from './stegwatch.js';

/** tap gives each child NODE_OPTIONS, by which npm fails, and which name files that are not everywhere. */
export const withoutTap = 'unset NODE_OPTIONS;';

const env = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  npm_config_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
};

/** @throws with what it said */
export function offlineNpm(command: string, cwd: string): void {
  execFileSync('sh', ['-c', withoutTap + command], { cwd, env, stdio: 'pipe' });
}

/** What `npm ci` has installed here, as links: who takes one away takes away no file. */
export function installedPackages(to: string): void {
  const from = realpathSync(join(dirname(cliPath), '..', 'node_modules'));
  try {
    execFileSync('cp', ['-alT', from, to], { stdio: 'ignore' });
  } catch {
    // Another file system.
    execFileSync('cp', ['-aT', from, to]);
  }
}
