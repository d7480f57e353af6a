/**
 * A real syslog-ng, installed as a package, or unpacked where `.ci/install-peers` puts it since its package and
 * rsyslog's exclude each other. STEGWATCH_SYSLOG_NG_ROOT names another such folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { findProgram, missing } from './peers.js';
import { until } from './until.js';

const unpacked = process.env.STEGWATCH_SYSLOG_NG_ROOT ?? '/opt/stegwatch-peers/syslog-ng';
const architectures = ['x86_64-linux-gnu', 'aarch64-linux-gnu'];

export interface SyslogNgProgram {
  readonly program: string;
  /** Folder of its modules. */
  readonly modules: string;
  /** Folders of libraries that the system does not know. */
  readonly libraries: readonly string[];
  /** The version that a config must name. */
  readonly version: string;
}

/** Without it: null, and the test is skipped, or fails where peers are required. */
export function requireSyslogNg(t: Test): SyslogNgProgram | null {
  const packaged = findProgram('syslog-ng');
  const found =
    packaged === null
      ? programIn(join(unpacked, 'usr/sbin/syslog-ng'), unpacked)
      : programIn(packaged, '/');
  if (found === null) missing(t, 'syslog-ng');
  return found;
}

function programIn(program: string, root: string): SyslogNgProgram | null {
  if (!existsSync(program)) return null;
  const libraries = ['usr/lib', 'lib'].flatMap((folder) => [
    ...architectures.map((architecture) => join(root, folder, architecture)),
    join(root, folder, 'syslog-ng'),
    ...architectures.map((architecture) => join(root, folder, architecture, 'syslog-ng')),
  ]);
  for (const folder of libraries.filter((path) => existsSync(path))) {
    const version = readdirSync(folder).find((name) => /^\d+\.\d+$/.test(name));
    if (version !== undefined)
      return { program, modules: join(folder, version), libraries, version };
  }
  return null;
}

/** Runs until the end of the test. */
export async function startSyslogNg(
  t: Test,
  { program, modules, libraries, version }: SyslogNgProgram,
  { folder, config }: { readonly folder: string; readonly config: string },
): Promise<{ stop(): Promise<void> }> {
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('syslog-ng.conf'), `@version: ${version}\n${config}`);
  const files = ['--persist-file', at('persist'), '--pidfile', at('pid'), '--control', at('ctl')];
  const child = spawn(
    program,
    ['-F', '-v', '-e', '--no-caps', '-f', at('syslog-ng.conf'), '--module-path', modules, ...files],
    {
      env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  t.teardown(() => ended(child, 'SIGKILL'));
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  await until('syslog-ng starts', () => {
    if (child.exitCode !== null) throw new Error(`syslog-ng ended:\n${said.slice(-2000)}`);
    return said.includes('syslog-ng starting up');
  });
  return { stop: () => ended(child, 'SIGTERM') };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
