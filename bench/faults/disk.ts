/**
 * Disks that fail on purpose: a small tmpfs that can be filled (needs root), and a library that makes
 * writes below a folder slow or failing (needs a C compiler). Where one cannot be had, its faults are left
 * out and the report says why.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atEnd } from './children.js';

/** Half of it is what a spool takes at most. */
const tmpfsBytes = 48 * 1024 * 1024;

export type DiskFault = 'slow' | 'eio' | 'enospc' | 'fsync' | 'half';

const modes: Readonly<Record<DiskFault, number>> = {
  slow: 1,
  eio: 2,
  enospc: 3,
  fsync: 4,
  half: 5,
};

/** Either the thing or the reason why there is none. */
export type Or<T> = T | { readonly missing: string };

export class Tmpfs {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static mount(path: string): Or<Tmpfs> {
    mkdirSync(path, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${tmpfsBytes}`, 'tmpfs', path], {
        stdio: 'pipe',
      });
    } catch (error) {
      return { missing: `no tmpfs can be mounted (${reason(error)})` };
    }
    atEnd(() => execFileSync('umount', ['--lazy', path], { stdio: 'ignore' }));
    return new Tmpfs(path);
  }

  /** To the last byte. */
  fill(): void {
    const file = openSync(join(this.path, 'filler'), 'w');
    try {
      for (const bytes of [Buffer.alloc(1024 * 1024), Buffer.alloc(4096)]) {
        for (let i = 0; i < 2 * tmpfsBytes; i += bytes.length) writeSync(file, bytes);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      this.#fillPieces(file);
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(join(this.path, 'filler'), { force: true });
  }

  /** What a large write could not take. */
  #fillPieces(file: number): void {
    try {
      for (let i = 0; i < 1024; i++) writeSync(file, Buffer.alloc(4096));
    } catch {
      // Now it is full.
    }
  }
}

export class FailingDisk {
  /** For the process whose disk is to fail. */
  readonly env: Readonly<Record<string, string>>;
  readonly #control: number;

  private constructor(env: Readonly<Record<string, string>>, control: number) {
    this.env = env;
    this.#control = control;
  }

  /** @param below writes to files whose path begins so */
  static build(folder: string, below: string): Or<FailingDisk> {
    const library = join(folder, 'failing-disk.so');
    const source = join(sourceFolder(), 'failing-disk.c');
    try {
      const flags = ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl'];
      execFileSync('gcc', flags, { stdio: 'pipe' });
    } catch (error) {
      return { missing: `no library for a failing disk can be built (${reason(error)})` };
    }
    const path = join(folder, 'failing-disk.control');
    writeFileSync(path, Buffer.alloc(8));
    const env = { LD_PRELOAD: library, FAULTS_CONTROL: path, FAULTS_BELOW: below };
    const control = openSync(path, 'r+');
    return new FailingDisk(env, control);
  }

  set(fault: DiskFault | null, waitMs = 0): void {
    const bytes = Buffer.alloc(8);
    // The wait first: the program must never see a mode with the wait of the one before.
    bytes.writeUInt32LE(waitMs, 4);
    writeSync(this.#control, bytes.subarray(4), 0, 4, 4);
    bytes.writeUInt32LE(fault === null ? 0 : modes[fault], 0);
    writeSync(this.#control, bytes, 0, 4, 0);
  }
}

function reason(error: unknown): string {
  const { stderr, message } = error as { stderr?: Buffer; message: string };
  return (stderr?.toString().trim() || message).split('\n')[0]!;
}

/** The compiler leaves C alone: it lies beside the source of this file, which is run from build/. */
function sourceFolder(): string {
  const built = dirname(fileURLToPath(import.meta.url));
  return join(built, '..', '..', '..', 'bench', 'faults');
}
