/** Real programs that some tests talk to. Not having them is no failure, unless CI says that it is. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Test } from 'tap';

export type Peer =
  | 'fluentd'
  | 'rsyslogd'
  | 'ruby'
  | 'promtool'
  | 'systemd-analyze'
  | 'systemd-notify';

const installCommand = '.ci/install-peers';

/**
 * The path of an installed program. Without it: null, and the test is reported as skipped with the
 * command that installs it; with STEGWATCH_REQUIRE_PEERS=1 it fails instead.
 */
export function requirePeer(t: Test, name: Peer): string | null {
  const path = findProgram(name);
  if (path !== null) return path;
  missing(t, name);
  return null;
}

/** The same for a module of rsyslog, which Debian packs one by one. */
export function requireRsyslogModule(t: Test, name: string): boolean {
  const folders = [
    '/usr/lib/x86_64-linux-gnu',
    '/usr/lib/aarch64-linux-gnu',
    '/usr/lib64',
    '/usr/lib',
  ];
  if (folders.some((folder) => existsSync(join(folder, 'rsyslog', `${name}.so`)))) return true;
  missing(t, `rsyslog's ${name}`);
  return false;
}

/** The same for a plug-in of Fluentd, which is a gem beside it. */
export function requireFluentdPlugin(t: Test, gem: string): boolean {
  const program = findProgram('gem');
  // Ruby's own settings of the caller must not change what is found.
  const env = { ...process.env, RUBYOPT: '' };
  if (program !== null && spawnSync(program, ['list', '--installed', gem], { env }).status === 0)
    return true;
  missing(t, gem);
  return false;
}

/** What no command installs, such as the right to mount: `holds`, or the test is skipped in the same way. */
export function requirement(t: Test, holds: boolean, what: string): boolean {
  if (!holds) unmet(t, what, `needs ${what}`);
  return holds;
}

/** Says that a test is skipped, or fails it where peers are required. */
export function missing(t: Test, name: string): void {
  unmet(t, name, `${name} is not installed; ${installCommand} installs it`);
}

function unmet(t: Test, name: string, reason: string): void {
  if (process.env.STEGWATCH_REQUIRE_PEERS === '1') t.fail(reason);
  else t.pass(`with ${name}`, { skip: reason });
}

/** In PATH, or where Debian and RubyGems put daemons, which PATH often lacks. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
