/**
 * A folder in memory that can stop the world before operation k, or in the middle of it if it is a write,
 * and then gives what a new process would find, after the death of the process or after a power loss.
 */
import type { Folder, ReadableFile, WritableFile } from '../../src/spool/folder.js';

type Change = { at: number; bytes: Buffer } | { length: number };
const sector = 512;

class MemoryFile {
  content: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  forced: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  changes: Change[] = [];

  apply(change: Change): void {
    this.content = applied(this.content, change);
    this.changes.push(change);
  }

  /** Each sector as it was after any of the changes since the last force; zeroes where it never was. */
  afterPowerLoss(random: () => number): Buffer {
    const versions = [this.forced];
    for (const change of this.changes) versions.push(applied(versions.at(-1)!, change));
    const any = () => versions[Math.floor(random() * versions.length)]!;
    const found = Buffer.alloc(any().length);
    for (let at = 0; at < found.length; at += sector)
      found.set(any().subarray(at, Math.min(at + sector, found.length)), at);
    return found;
  }
}

function applied(before: Buffer, change: Change): Buffer {
  if ('length' in change) return before.subarray(0, change.length);
  const after = Buffer.alloc(Math.max(before.length, change.at + change.bytes.length));
  before.copy(after);
  change.bytes.copy(after, change.at);
  return after;
}

export class MemoryFolder implements Folder {
  readonly path = 'memory';
  /** Of those that change something. */
  operations = 0;
  /** The world stops before this operation, or in the middle of it. */
  stopAt = Number.POSITIVE_INFINITY;
  torn = false;
  syncs = 0;
  /** What the system says to an operation; null: nothing. */
  fault: (operation: string, name: string) => string | null = () => null;
  files_ = new Map<string, MemoryFile>();
  #names: (() => void)[] = [];
  #forcedNames = new Map<string, MemoryFile>();

  get stopped(): boolean {
    return this.operations >= this.stopAt;
  }

  afterKill(): MemoryFolder {
    const folder = new MemoryFolder();
    for (const [name, { content }] of this.files_) folder.#put(name, content);
    return folder;
  }

  afterPowerLoss(random: () => number): MemoryFolder {
    const names = this.#forcedNames;
    for (const change of this.#names) if (random() < 0.5) change();
    const folder = new MemoryFolder();
    for (const [name, file] of names) folder.#put(name, file.afterPowerLoss(random));
    return folder;
  }

  async make(): Promise<void> {}

  async files(below = ''): Promise<{ name: string; bytes: number }[]> {
    const inIt = (name: string) =>
      below === '' ? !name.includes('/') : name.startsWith(`${below}/`);
    return [...this.files_]
      .filter(([name]) => inIt(name))
      .map(([name, { content }]) => ({ name, bytes: content.length }));
  }

  create(name: string): WritableFile {
    this.#step('create', name);
    if (this.files_.has(name)) throw failure('EEXIST');
    return this.#writable(name, this.#add(name));
  }

  openForWriting(name: string): WritableFile {
    const there = this.files_.get(name);
    if (there === undefined) this.#step('create', name);
    return this.#writable(name, there ?? this.#add(name));
  }

  async openForReading(name: string): Promise<ReadableFile> {
    const file = this.files_.get(name);
    if (file === undefined) throw failure('ENOENT');
    return {
      read: async (into, at, length, position) => {
        this.#fail('read', name);
        return file.content.copy(into, at, position, position + length);
      },
      close: async () => {},
    };
  }

  writeWhole(name: string, parts: readonly Uint8Array[]): void {
    this.#step('writeWhole', name);
    this.#put(name, Buffer.concat(parts));
  }

  async remove(name: string): Promise<void> {
    this.#step('remove', name);
    this.files_.delete(name);
    this.#names.push(() => this.#forcedNames.delete(name));
  }

  async move(name: string, to: string): Promise<void> {
    this.#step('move', name);
    const file = this.files_.get(name)!;
    this.files_.delete(name);
    this.files_.set(to, file);
    this.#names.push(() => {
      this.#forcedNames.delete(name);
      this.#forcedNames.set(to, file);
    });
  }

  async syncNames(): Promise<void> {
    this.#step('syncNames', '');
    for (const change of this.#names.splice(0)) change();
  }

  #put(name: string, bytes: Buffer): void {
    const file = new MemoryFile();
    file.content = Buffer.from(bytes);
    file.forced = file.content;
    this.files_.set(name, file);
    this.#forcedNames.set(name, file);
  }

  #add(name: string): MemoryFile {
    const file = new MemoryFile();
    this.files_.set(name, file);
    this.#names.push(() => this.#forcedNames.set(name, file));
    return file;
  }

  #writable(name: string, file: MemoryFile): WritableFile {
    let open = true;
    const step = (operation: string, whileTorn?: () => void) => {
      if (!open) throw new Error(`${operation} of ${name} after it was closed`);
      this.#step(operation, name, whileTorn);
    };
    return {
      write: (parts, at) => {
        const bytes = Buffer.concat(parts);
        const half = bytes.subarray(0, bytes.length >> 1);
        step('write', () => file.apply({ at, bytes: half }));
        file.apply({ at, bytes });
      },
      truncate: (length) => {
        step('truncate');
        file.apply({ length });
      },
      sync: async () => {
        step('sync');
        this.syncs++;
        const { content, changes } = file;
        file.changes = [];
        await new Promise(setImmediate);
        if (this.stopped) file.changes = [...changes, ...file.changes];
        else file.forced = content;
      },
      close: () => {
        open = false;
      },
    };
  }

  #step(operation: string, name: string, whileTorn?: () => void): void {
    this.operations++;
    if (this.operations === this.stopAt && this.torn) whileTorn?.();
    if (this.stopped) throw failure('EIO');
    try {
      this.#fail(operation, name);
    } catch (error) {
      whileTorn?.();
      throw error;
    }
  }

  #fail(operation: string, name: string): void {
    const code = this.fault(operation, name);
    if (code !== null) throw failure(code);
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
