/** All processes of a bench: whatever ends it, they end too; one that dies by itself ends it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const keptOutput = 64 * 1024;

export interface StartOptions {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A channel for messages, as `fork` has it; for programs of Node.js. */
  readonly messages?: boolean;
}

export class Child {
  readonly pid: number;
  readonly #name: string;
  readonly #process: ChildProcess;
  #output = '';
  #wake: () => void = () => {};
  #endWanted = false;
  #ended = false;
  #failure: Error | null = null;

  constructor(name: string, program: string, options: StartOptions, onDeath: (e: Error) => void) {
    this.#name = name;
    this.#process = spawn(program, options.args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', ...(options.messages ? (['ipc'] as const) : [])],
    });
    this.pid = this.#process.pid ?? 0;
    for (const stream of [this.#process.stdout!, this.#process.stderr!]) {
      stream.on('data', (chunk) => {
        this.#output = (this.#output + chunk).slice(-keptOutput);
        this.#wake();
      });
    }
    const died = (how: string): void => {
      this.#ended = true;
      if (!this.#endWanted) {
        const last = this.#output.slice(-4_000).trim() || 'nothing';
        this.#failure = new Error(`${name} ${how}; it had said:\n${last}`);
        onDeath(this.#failure);
      }
      this.#wake();
    };
    this.#process.on('error', (error) => died(`could not be started: ${error.message}`));
    // Not on exit: its last words come before this.
    this.#process.on('close', (code, signal) => died(`ended by itself (${code ?? signal})`));
  }

  /** What it has said, of both streams; the last 64 KiB. */
  get output(): string {
    return this.#output;
  }

  /** Resolves with the first match in what it says. */
  async says(pattern: RegExp, withinMs: number): Promise<RegExpExecArray> {
    const until = performance.now() + withinMs;
    for (;;) {
      const found = pattern.exec(this.#output);
      if (found) return found;
      const leftMs = until - performance.now();
      if (this.#failure) throw this.#failure;
      if (leftMs <= 0 || this.#ended) {
        throw new Error(`${this.#name} did not say ${pattern}, but:\n${this.#output}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Its next message. One at a time may wait. */
  async hears(): Promise<unknown> {
    const [message] = await once(this.#process, 'message');
    return message;
  }

  async ask(message: object): Promise<unknown> {
    const answer = this.hears();
    this.#process.send(message);
    return answer;
  }

  /** Resolves when it has ended. @param signal SIGKILL follows where SIGTERM does not help */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    this.#endWanted = true;
    if (this.#ended) return;
    const closed = once(this.#process, 'close');
    this.#process.kill(signal);
    const patience = setTimeout(() => this.#process.kill('SIGKILL'), 30_000);
    await closed;
    clearTimeout(patience);
  }

  kill(): void {
    this.#endWanted = true;
    this.#process.kill('SIGKILL');
  }
}

export class Children {
  /** Rejects when a process ends that nobody has ended. */
  readonly death: Promise<never>;
  readonly #all = new Set<Child>();
  #died: (error: Error) => void = () => {};

  constructor() {
    this.death = new Promise((_, reject) => {
      this.#died = reject;
    });
    // Whoever works with children listens; between two such works nobody does.
    this.death.catch(() => {});
  }

  start(name: string, program: string, options: StartOptions): Child {
    const child = new Child(name, program, options, (error) => this.#died(error));
    this.#all.add(child);
    return child;
  }

  /** A program of this folder, which is told its settings and answers by messages. */
  startOwn(program: 'sender' | 'sink', settings: object): Child {
    const args = [join(benchFolder, `${program}.js`), JSON.stringify(settings)];
    return this.start(`the ${program}`, process.execPath, { args, messages: true });
  }

  async end(child: Child, signal?: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await child.end(signal);
    this.#all.delete(child);
  }

  killAll(): void {
    for (const child of this.#all) child.kill();
  }
}

/** Where the compiled programs of the bench are. */
export const benchFolder = dirname(dirname(fileURLToPath(import.meta.url)));
export const repository = above(benchFolder);

function above(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : above(dirname(folder));
}
