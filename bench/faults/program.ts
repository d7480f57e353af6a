/** The program under test: started, killed, ended, frozen; and what it had to say. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Sidecar, startSidecar } from '../../test/support/stegwatch.js';
import { atEnd } from './children.js';
import type { Ledger } from './ledger.js';

/** A disk that is made to fail may keep it from starting: then it is started again, as systemd would. */
const startWithinMs = 40_000;
const startAgainMs = 500;
const warn = 40;
const letGo = /after a crash the baseline will not know/;

export interface ProgramOptions {
  readonly folder: string;
  readonly ledger: Ledger;
  readonly log: (text: string) => void;
  readonly env: Readonly<Record<string, string>>;
  /** True if since then a disk has failed: it may not start, or end with events that it could not store. */
  readonly diskFailed: (sinceMs: number) => boolean;
}

export class Program {
  /** Counters of its clean ends, summed. */
  readonly counters: Record<string, number> = {};
  /** Its warnings and errors, with how often each was said. */
  readonly words = new Map<string, number>();
  /** The one that ended last had said that what it had delivered it might not have learned for good. */
  saidUnlearned = false;
  starts = 0;
  kills = 0;
  readonly #options: ProgramOptions;
  #sidecar: Sidecar | null = null;
  #yaml = '';

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#sidecar !== null;
  }

  async start(yaml = this.#yaml): Promise<void> {
    const { folder, log, env, diskFailed } = this.#options;
    this.#yaml = yaml;
    const untilMs = performance.now() + startWithinMs;
    for (;;) {
      const beganMs = performance.now();
      try {
        const sidecar = await startSidecar(folder, yaml, atEnd, env);
        this.#sidecar = sidecar;
        this.starts++;
        sidecar.child.once('exit', (code, signal) => this.#ended(sidecar, code, signal));
        return;
      } catch (error) {
        const words = (error as Error).message;
        if (beganMs > untilMs || !diskFailed(beganMs)) throw error;
        log(`it does not start (${words.split('\n').at(-1)?.slice(0, 200)}); again`);
        await sleep(startAgainMs);
      }
    }
  }

  async kill(): Promise<void> {
    const sidecar = this.#sidecar;
    this.#sidecar = null;
    this.kills++;
    await sidecar?.kill();
    if (sidecar !== null) this.#listen(sidecar);
  }

  /** SIGTERM. Returns the counters of its last words. */
  async terminate(): Promise<Readonly<Record<string, number>>> {
    const sidecar = this.#sidecar;
    this.#sidecar = null;
    if (sidecar === null) return {};
    const beganMs = performance.now();
    const code = await sidecar.stop();
    this.#listen(sidecar);
    if (code !== 0 && !this.#options.diskFailed(beganMs)) {
      this.#options.ledger.problem(`SIGTERM ended it with ${code}: ${tail(sidecar)}`);
    }
    const stopped = sidecar.log.find(({ msg }) => msg === 'stopped');
    const { fluentd, ...pipeline }: Record<string, unknown> = { ...stopped };
    const counters = Object.entries({ ...pipeline, ...(fluentd as object) }).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    );
    for (const [name, count] of counters) {
      if (name === 'level' || name === 'pid') continue;
      this.counters[name] = (this.counters[name] ?? 0) + count;
    }
    return Object.fromEntries(counters);
  }

  freeze(): void {
    this.#sidecar?.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#sidecar?.child.kill('SIGCONT');
  }

  #ended(sidecar: Sidecar, code: number | null, signal: string | null): void {
    if (this.#sidecar !== sidecar) return;
    this.#sidecar = null;
    this.#options.ledger.problem(`it ended by itself (${code ?? signal}): ${tail(sidecar)}`);
  }

  #listen(sidecar: Sidecar): void {
    this.saidUnlearned = sidecar.log.some(({ msg }) => letGo.test(msg));
    for (const { level, msg } of sidecar.log) {
      if (level < warn) continue;
      // Numbers differ each time.
      const words = msg.replace(/\d+/g, 'N').slice(0, 200);
      this.words.set(words, (this.words.get(words) ?? 0) + 1);
    }
  }
}

function tail({ log }: Sidecar): string {
  return log
    .slice(-5)
    .map((line) => JSON.stringify(line))
    .join('\n');
}
