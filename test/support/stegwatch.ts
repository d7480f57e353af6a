/** Starts the built program as its users do: a process with a config file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [key: string]: unknown;
}

export interface Sidecar {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly log: readonly LogLine[];
  readonly tcpPort: number;
  readonly udpPort: number;
  readonly tlsPort: number;
  readonly relpPort: number;
  /** Of the HTTP for metrics and health, `http://127.0.0.1:…`; '' if it is off. */
  readonly adminUrl: string;
  /** Resolves with the first log line (past or to come) whose message matches. */
  said(pattern: RegExp, deadlineMs?: number): Promise<LogLine>;
  /** SIGTERM, or another that stops it, then the exit code; the last counters are in the `stopped` line. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  kill(): Promise<void>;
}

export const cliPath = join(repository(), 'dist', 'cli.js');

/**
 * @param folder the config is written there and it is the working directory
 * @param env beside what this process has
 */
export async function startSidecar(
  folder: string,
  yaml: string,
  teardown: (end: () => Promise<unknown>) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<Sidecar> {
  const file = join(folder, 'stegwatch.yaml');
  // Tests run side by side: 9598 would be taken.
  const admin = /^admin:/m.test(yaml) ? '' : '\nadmin: { port: 0 }\n';
  writeFileSync(file, `${yaml}${admin}`);
  const child = spawn(process.execPath, [cliPath, 'run', '-c', file], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  return startedSidecar(child, teardown);
}

/** What was started in another way, once it listens. */
export async function startedSidecar(
  child: ChildProcess,
  teardown: (end: () => Promise<unknown>) => void,
): Promise<Sidecar> {
  teardown(() => end(child, 'SIGKILL'));
  const log: LogLine[] = [];
  const waiting = new Set<() => void>();
  const lines = createInterface({ input: child.stderr! });
  lines.on('line', (line) => {
    log.push(line.startsWith('{') ? JSON.parse(line) : { level: 60, msg: line });
    for (const wake of waiting) wake();
  });
  // Not when its words end: how it ended is known a little later.
  child.on('close', () => {
    for (const wake of waiting) wake();
  });

  const said = async (pattern: RegExp, deadlineMs = 20_000): Promise<LogLine> => {
    const until = Date.now() + deadlineMs;
    for (;;) {
      const found = log.find((line) => pattern.test(line.msg));
      if (found) return found;
      const left = until - Date.now();
      if (left <= 0 || child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`never said ${pattern}:\n${log.map((l) => JSON.stringify(l)).join('\n')}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left);
        function done(): void {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        }
        waiting.add(done);
      });
    }
  };

  const started = await said(/^started$/);
  const inputs = started.inputs as string[];
  const portOf = (kind: string): number => {
    const name = inputs.find((input) => input.startsWith(kind));
    return name === undefined ? 0 : Number(name.slice(name.lastIndexOf(':') + 1));
  };
  return {
    child,
    pid: child.pid!,
    log,
    tcpPort: portOf('tcp'),
    udpPort: portOf('udp'),
    tlsPort: portOf('tls'),
    relpPort: portOf('relp'),
    adminUrl: (started.admin as string | null) ?? '',
    said,
    stop: (signal = 'SIGTERM') => end(child, signal),
    kill: async () => void (await end(child, 'SIGKILL')),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = await exited;
  return code;
}

/** Tests run from build/test/support; the program is in dist/ at the top. */
function repository(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
}

/** What a `status` or `stopped` line counts of one output. */
export function ofOutput(line: LogLine, name: string): Readonly<Record<string, number>> {
  return line[name] as Record<string, number>;
}
