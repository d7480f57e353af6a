/**
 * The two receivers on one port, one at a time: the mock that misbehaves as told, and a real Fluentd. What
 * they hold goes to the ledger.
 */
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Fluentd } from '../../test/support/fluentd.js';
import { MockReceiver } from './children.js';
import { classify } from './classify.js';
import type { RunIdentity } from './events.js';
import type { Ledger } from './ledger.js';

export class Receivers {
  readonly mock: MockReceiver;
  readonly fluentd: Fluentd | null;
  /** Fluentd was killed: it may have left half a line, and written it again. */
  mayTear = false;
  readonly #run: RunIdentity;
  readonly #ledger: Ledger;
  readonly #mockFile: string;
  readonly #fluentdOut: string;
  readonly #read = new Map<string, { position: number; rest: string }>();

  constructor(parts: {
    run: RunIdentity;
    ledger: Ledger;
    folder: string;
    port: number;
    fluentd: Fluentd | null;
  }) {
    this.#run = parts.run;
    this.#ledger = parts.ledger;
    this.fluentd = parts.fluentd;
    this.#mockFile = join(parts.folder, 'received');
    this.#fluentdOut = join(parts.folder, 'fluentd', 'out');
    const config = { ...parts.run, port: parts.port, file: this.#mockFile };
    this.mock = new MockReceiver(config, parts.ledger);
  }

  /** Tells the ledger what has come since the last call. */
  collect(): void {
    this.#ledger.retryEarly();
    for (const line of this.#newLines(this.#mockFile)) this.#ledger.wasDelivered(line);
    if (!existsSync(this.#fluentdOut)) return;
    for (const name of readdirSync(this.#fluentdOut)) {
      if (!name.endsWith('.log')) continue;
      for (const line of this.#newLines(join(this.#fluentdOut, name))) this.#takeJson(line);
    }
  }

  /** While Fluentd is stopped: what it holds has been collected and takes room. */
  discardFluentdFiles(): void {
    this.collect();
    if (!existsSync(this.#fluentdOut)) return;
    for (const name of readdirSync(this.#fluentdOut)) {
      const file = join(this.#fluentdOut, name);
      rmSync(file, { recursive: true });
      this.#read.delete(file);
    }
  }

  #takeJson(line: string): void {
    const record = parsed(line);
    if (record !== null) {
      this.#ledger.wasDelivered(classify(this.#run, record));
      return;
    }
    if (!this.mayTear) this.#ledger.problem(`half a line in Fluentd's file: ${line.slice(0, 300)}`);
    // What was written anew stands behind the half.
    const anew = line.match(/.*(\d{10}\.\d{9}\t\{.*)$/)?.[1];
    const second = anew === undefined ? null : parsed(anew);
    if (second !== null) this.#ledger.wasDelivered(classify(this.#run, second));
  }

  #newLines(file: string): string[] {
    if (!existsSync(file)) return [];
    const state = this.#read.get(file) ?? { position: 0, rest: '' };
    this.#read.set(file, state);
    const handle = openSync(file, 'r');
    try {
      const fresh = Buffer.alloc(fstatSync(handle).size - state.position);
      const length = readSync(handle, fresh, 0, fresh.length, state.position);
      state.position += length;
      // The events are ASCII, so that no character is ever cut.
      const lines = (state.rest + fresh.toString('latin1', 0, length)).split('\n');
      state.rest = lines.pop()!;
      return lines;
    } finally {
      closeSync(handle);
    }
  }
}

function parsed(line: string): Record<string, unknown> | null {
  const [time, json] = line.split('\t');
  if (json === undefined || !/^\d+\.\d+$/.test(time!)) return null;
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return null;
  }
}
