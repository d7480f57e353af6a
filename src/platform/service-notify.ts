/**
 * Tells systemd how the service is (sd_notify(3)): ready, reloading, stopping, and a beat for its watchdog. The
 * protocol is a datagram on a Unix socket, which Node cannot send, so `systemd-notify` does it.
 *
 * A shell made once runs it for each state. To start a program, a process copies its page tables: with a baseline
 * of a million hosts that stops the event loop for tens of milliseconds, each time. The shell is small, and is
 * made while we are (ADR 20).
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** A line in is a state; a line out is how it went: exit code and words. Signals to the whole service end us, not it. */
const helper = `trap '' TERM INT HUP; set -f
while read -r state; do said=$(systemd-notify "$state" 2>&1); echo $? $said; done`;

/** States that may wait for their answer; beyond it the manager hangs, and gets no more until it answers. */
const maxUnanswered = 8;

type State = 'READY=1' | 'RELOADING=1' | 'STOPPING=1' | 'WATCHDOG=1';

export interface ServiceNotify {
  ready(): void;
  /** `ready` must follow. */
  reloading(): void;
  stopping(): void;
  /**
   * Sends a beat at half the interval of the service's watchdog, if it has one, for as long as `isAlive` says so;
   * systemd ends a service whose beats stay away. An event loop that stands still sends none.
   */
  watch(isAlive: () => boolean): void;
  /** No more beats. The process may end. */
  close(): void;
}

/** What systemd gives a service by its environment, and who hears if it cannot be told. */
export interface ServiceNotifyOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly pid: number;
  readonly onProblem: (words: string) => void;
}

const silent: ServiceNotify = {
  ready: () => {},
  reloading: () => {},
  stopping: () => {},
  watch: () => {},
  close: () => {},
};

/** Does nothing where the process is no service of systemd's, or of a type that is not told. */
export function createServiceNotify(options: ServiceNotifyOptions): ServiceNotify {
  return options.env.NOTIFY_SOCKET ? new SystemdNotify(options) : silent;
}

/** Milliseconds between beats: half of what systemd waits (sd_watchdog_enabled(3)); null without a watchdog of ours. */
export function beatIntervalMs(env: NodeJS.ProcessEnv, pid: number): number | null {
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: ofPid } = env;
  if (ofPid !== undefined && Number(ofPid) !== pid) return null;
  const ms = Number(usec) / 1000;
  // A timer's longest wait is 2^31 ms, 24 days.
  return ms > 0 ? Math.min(Math.max(1, Math.floor(ms / 2)), 2 ** 31 - 1) : null;
}

class SystemdNotify implements ServiceNotify {
  readonly #options: ServiceNotifyOptions;
  #helper: ChildProcessByStdio<Writable, Readable, null> | null;
  #unanswered = 0;
  #beats: NodeJS.Timeout | null = null;
  #lastProblem = '';

  constructor(options: ServiceNotifyOptions) {
    this.#options = options;
    this.#helper = this.#start();
  }

  ready(): void {
    this.#send('READY=1');
  }

  reloading(): void {
    this.#send('RELOADING=1');
  }

  stopping(): void {
    this.#send('STOPPING=1');
  }

  watch(isAlive: () => boolean): void {
    const { env, pid } = this.#options;
    const everyMs = beatIntervalMs(env, pid);
    if (everyMs === null) return;
    this.#beats = setInterval(() => {
      if (isAlive()) this.#send('WATCHDOG=1');
      else
        this.#problem('a part of the service hangs: systemd is told nothing more, and will end it');
    }, everyMs);
    this.#beats.unref();
  }

  close(): void {
    if (this.#beats !== null) clearInterval(this.#beats);
    this.#beats = null;
    const helper = this.#helper;
    this.#helper = null;
    helper?.stdin.end();
  }

  #send(state: State): void {
    if (this.#unanswered >= maxUnanswered) {
      this.#problem('systemd-notify does not end');
      return;
    }
    this.#helper ??= this.#start();
    this.#unanswered++;
    this.#helper.stdin.write(`${state}\n`);
  }

  /** Holds up neither the event loop's end nor, if it fails, anything else. */
  #start() {
    const { env } = this.#options;
    const child = spawn('/bin/sh', ['-c', helper], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    child.unref();
    for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as { unref(): void }).unref();
    const gone = (why: string): void => {
      if (this.#helper !== child) return;
      // The next state starts another: as often as there are beats, at most.
      this.#helper = null;
      this.#unanswered = 0;
      this.#problem(`the shell that runs systemd-notify ${why}`);
    };
    child.on('error', (error) => gone(`cannot be started: ${error.message}`));
    child.on('exit', (code, signal) => gone(`has ended (${signal ?? code})`));
    child.stdin.on('error', () => {}); // It has ended, and is said to.
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (this.#helper === child) this.#answer(line);
    });
    return child;
  }

  #answer(line: string): void {
    this.#unanswered--;
    const [code, ...said] = line.split(' ');
    if (code === '0') this.#lastProblem = '';
    else this.#problem(`systemd-notify failed (${code}): ${said.join(' ')}`);
  }

  /** Once, until something else is wrong or all is well again. */
  #problem(words: string): void {
    if (words === this.#lastProblem) return;
    this.#lastProblem = words;
    this.#options.onProblem(words);
  }
}
