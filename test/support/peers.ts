/** Real programs that some tests talk to. Not having them is no failure, unless CI says that it is. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Test } from 'tap';

export type Peer = 'fluentd' | 'rsyslogd';

const installCommand = '.ci/install-peers';

/**
 * The path of an installed program. Without it: null, and the test is reported as skipped with the
 * command that installs it; with STEGWATCH_REQUIRE_PEERS=1 it fails instead.
 */
export function requirePeer(t: Test, name: Peer): string | null {
  const path = findProgram(name);
  if (path !== null) return path;
  const reason = `${name} is not installed; ${installCommand} installs it`;
  if (process.env.STEGWATCH_REQUIRE_PEERS === '1') t.fail(reason);
  else t.pass(`with ${name}`, { skip: reason });
  return null;
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
