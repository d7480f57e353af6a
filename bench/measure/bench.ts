/** What every measurement needs: processes, folders, settings; and filled baselines, made once. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthority, type Issued } from '../../test/support/certificates.js';
import { fillBaseline } from '../filled-baseline.js';
import type { BenchOptions } from './arguments.js';
import { Children } from './children.js';

export class Bench {
  readonly options: BenchOptions;
  readonly children = new Children();
  readonly say: (text: string) => void;
  readonly #folder = mkdtempSync(join(tmpdir(), 'stegwatch-bench-'));
  readonly #baselines = new Map<number, string>();
  #certificate: Issued | null = null;
  #folders = 0;

  constructor(options: BenchOptions, say: (text: string) => void) {
    this.options = options;
    this.say = say;
  }

  /** An empty folder of its own. */
  folder(): string {
    const path = join(this.#folder, String(this.#folders++));
    mkdirSync(path);
    return path;
  }

  remove(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
  }

  /** Six days of history with so many hosts, at `path`. */
  async baseline(hosts: number, path: string): Promise<void> {
    let filled = this.#baselines.get(hosts);
    if (filled === undefined) {
      filled = join(this.folder(), 'baseline');
      await fillBaseline(filled, Date.now(), hosts);
      this.#baselines.set(hosts, filled);
    }
    cpSync(filled, path, { recursive: true });
  }

  certificate(): Issued {
    this.#certificate ??= new CertificateAuthority(this.folder()).issue('bench', { for: 'server' });
    return this.#certificate;
  }

  /** Synchronous, for any end. */
  end(): void {
    this.children.killAll();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
