/**
 * The folder of one spool, as the few operations that the spool needs of a file system. Its own seam, so
 * that a test can stop the world between any two of them and take away what was not yet forced to disk.
 *
 * What is per batch is synchronous: when `write` returns, the bytes are the kernel's, and the death of
 * this process cannot undo that. What waits for a disk is not: reading, forcing, deleting.
 */
import {
  closeSync,
  constants,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writevSync,
} from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { syncDirectory } from '../platform/atomic-file.js';
import { makeDirectory } from '../platform/make-directory.js';

/** A file that is open for writing. */
export interface WritableFile {
  /** All parts, one after the other, from byte `at` on; or throws, and part of them may be written. */
  write(parts: readonly Uint8Array[], at: number): void;
  /** Cuts the file off behind byte `length`. */
  truncate(length: number): void;
  /** Resolves once what has been written is on disk. */
  sync(): Promise<void>;
  /** No call may be under way. Every call after it throws, another `close` does nothing. */
  close(): void;
}

/** A file that is open for reading. */
export interface ReadableFile {
  /** Up to `length` bytes from byte `position`; fewer only where the file ends. */
  read(into: Buffer, at: number, length: number, position: number): Promise<number>;
  close(): Promise<void>;
}

/** Names are relative to the folder and may have one folder in them: `damaged/…`. */
export interface Folder {
  /** For messages. */
  readonly path: string;
  /** Makes the folder, and those above it. */
  make(): Promise<void>;
  /** Files in it (or in a folder in it), with their sizes; none if there is no such folder. */
  files(below?: string): Promise<{ readonly name: string; readonly bytes: number }[]>;
  /** A new file; throws if it is there. */
  create(name: string): WritableFile;
  /** A file that is there already, or a new one. */
  openForWriting(name: string): WritableFile;
  openForReading(name: string): Promise<ReadableFile>;
  /** A small file as a whole, on disk when it returns, or not there at all. Makes its folder. */
  writeWhole(name: string, parts: readonly Uint8Array[]): void;
  /** No error if it is gone already. */
  remove(name: string): Promise<void>;
  /** Makes the folder of the new name. */
  move(name: string, to: string): Promise<void>;
  /** Has the names of new files, and the absence of removed ones, on disk. */
  syncNames(): Promise<void>;
}

/** Owner writes, group may read: what lies in it is the traffic of people. */
const fileMode = 0o640;
const folderMode = 0o750;
const fdatasyncOf = promisify(fdatasync);

export class DiskFolder implements Folder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  make(): Promise<void> {
    return makeDirectory(this.path);
  }

  async files(below = ''): Promise<{ name: string; bytes: number }[]> {
    const folder = join(this.path, below);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const found: { name: string; bytes: number }[] = [];
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      // Gone since it was listed: its owner is at work, and we only look on.
      const stats = await stat(join(this.path, name)).catch(() => null);
      if (stats !== null) found.push({ name, bytes: stats.size });
    }
    return found;
  }

  create(name: string): WritableFile {
    return new OpenFile(openSync(join(this.path, name), 'wx', fileMode));
  }

  openForWriting(name: string): WritableFile {
    const flags = constants.O_WRONLY | constants.O_CREAT;
    return new OpenFile(openSync(join(this.path, name), flags, fileMode));
  }

  async openForReading(name: string): Promise<ReadableFile> {
    return new OpenedFile(await open(join(this.path, name), 'r'));
  }

  writeWhole(name: string, parts: readonly Uint8Array[]): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true, mode: folderMode });
    const temporary = `${path}.tmp`;
    try {
      const file = new OpenFile(openSync(temporary, 'w', fileMode));
      try {
        file.write(parts, 0);
        file.syncNow();
      } finally {
        file.close();
      }
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    syncNamesNow(dirname(path));
  }

  remove(name: string): Promise<void> {
    return rm(join(this.path, name), { force: true });
  }

  async move(name: string, to: string): Promise<void> {
    const target = join(this.path, to);
    await makeDirectory(dirname(target));
    await rename(join(this.path, name), target);
  }

  syncNames(): Promise<void> {
    return syncDirectory(this.path);
  }
}

class OpenFile implements WritableFile {
  /** -1 once closed: the system gives its number to the next file that anybody opens. */
  #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(parts: readonly Uint8Array[], at: number): void {
    const wanted = parts.reduce((sum, part) => sum + part.length, 0);
    let written = writevSync(this.#open, parts, at);
    // A disk that becomes full takes what fits and says so only to the next call.
    while (written < wanted) {
      const rest = Buffer.concat(parts).subarray(written);
      const more = writevSync(this.#open, [rest], at + written);
      if (more === 0) throw new Error('the disk takes nothing and says nothing');
      written += more;
    }
  }

  truncate(length: number): void {
    ftruncateSync(this.#open, length);
  }

  async sync(): Promise<void> {
    await fdatasyncOf(this.#open);
  }

  syncNow(): void {
    fsyncSync(this.#open);
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = -1;
    if (descriptor >= 0) closeSync(descriptor);
  }

  get #open(): number {
    if (this.#descriptor < 0) throw new Error('the file has been closed');
    return this.#descriptor;
  }
}

class OpenedFile implements ReadableFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(into: Buffer, at: number, length: number, position: number): Promise<number> {
    let held = 0;
    while (held < length) {
      const { bytesRead } = await this.#handle.read(
        into,
        at + held,
        length - held,
        position + held,
      );
      if (bytesRead === 0) break;
      held += bytesRead;
    }
    return held;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function syncNamesNow(path: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

export function isNoSpace(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}
