/**
 * The files of the buckets of one direction:
 *
 *     <path>/download/2026-11-24T04.bucket            one per hour that holds anything
 *     <path>/damaged/download-2026-11-24T04.bucket    cannot be read
 *     <path>/other-settings/download-…                made under another fingerprint
 *
 * Calls must not overlap; `BucketBaseline` queues them. One process owns a directory: that another one
 * writes to it is noticed, and refused, at the next append. With `readOnly` any number may look on: a
 * checkpoint that is being written meanwhile is not seen, the whole ones before it are.
 */

import { constants } from 'node:fs';
import { open, readdir, readFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { wordsOf } from '../errors.js';
import { msPerHour } from '../hour.js';
import { replaceFile, syncDirectory, temporarySuffix } from '../platform/atomic-file.js';
import { makeDirectory } from '../platform/make-directory.js';
import type { Direction } from '../verdict.js';
import {
  type BucketFile,
  type BucketState,
  encodeCheckpoint,
  encodeIdentity,
  formatVersion,
  type HostBlock,
  readBucketFile,
} from './bucket-file.js';

const extension = '.bucket';
/** A log is rewritten when what newer checkpoints have replaced exceeds this and all the rest. */
const tolerableWaste = 4 * 1024 * 1024;
/** Files read while one is being taken apart. */
const filesAhead = 4;

export interface BucketStoreOptions {
  readonly path: string;
  readonly direction: Direction;
  /** Nothing is made, changed, moved or deleted; to write is an error. */
  readonly readOnly?: boolean;
}

/** Something about a file that its owner should be told. */
export interface BucketNotice {
  readonly what: 'torn' | 'damaged' | 'other_settings' | 'newer_format' | 'unreadable';
  readonly file: string;
  /** A whole sentence for a log. */
  readonly message: string;
}

/** What a bucket's file holds. */
export interface StoredBucket {
  readonly state: BucketState;
  readonly hosts: readonly HostBlock[];
}

export interface ReadBucket {
  /** Null if there is none that can be used. */
  readonly bucket: StoredBucket | null;
  readonly notice: BucketNotice | null;
}

type FileBytes =
  | { readonly bytes: Buffer; readonly error: null }
  | { readonly bytes: null; readonly error: unknown };

/** What is known of a file that may be appended to. */
interface Log {
  /** Where the next checkpoint goes. */
  end: number;
  /** Length of the last checkpoint's state: what of it the next one replaces. */
  lastState: number;
  waste: number;
  /** Of an older format, it is written anew instead of being appended to. */
  old: boolean;
  /** Bytes after `end` are ours, from a crash or a failed write, and may go. */
  torn: boolean;
}

export class BucketStore {
  readonly readOnly: boolean;
  readonly #path: string;
  readonly #direction: Direction;
  readonly #folder: string;
  #fingerprint: string | null = null;
  readonly #logs = new Map<number, Log>();
  /** Hours whose file must stay as it is (newer format, no permission). */
  readonly #blocked = new Set<number>();
  /** Hours whose file counts for nothing any more but is still there. */
  readonly #discarded = new Set<number>();

  constructor(options: BucketStoreOptions) {
    this.readOnly = options.readOnly ?? false;
    this.#path = options.path;
    this.#direction = options.direction;
    this.#folder = join(options.path, options.direction);
  }

  /** Makes the directory and clears what an interrupted rewrite left. Throws what the system says. */
  async open(fingerprint: string): Promise<void> {
    this.#fingerprint = fingerprint;
    if (this.readOnly) return;
    await makeDirectory(this.#folder);
    for (const name of await readdir(this.#folder)) {
      if (name.endsWith(extension + temporarySuffix)) await rm(join(this.#folder, name));
    }
  }

  /** Hours that have a file, ascending. None if there is no directory and none is to be made. */
  async hours(): Promise<number[]> {
    const names = await readdir(this.#folder).catch((error) => {
      if (this.readOnly && isMissing(error)) return [];
      throw error;
    });
    return hoursOf(names);
  }

  /** Reads one bucket; what cannot be used is set aside, or left if it is not ours to move. */
  async read(hour: number): Promise<ReadBucket> {
    return this.#readFrom(hour, await this.#bytesOf(hour));
  }

  /** As `read`, one hour after the other; the files of the next ones are read meanwhile. */
  async *readAll(
    hours: readonly number[],
  ): AsyncGenerator<ReadBucket & { readonly hour: number }, void, undefined> {
    const reading = hours.slice(0, filesAhead).map((hour) => this.#bytesOf(hour));
    for (const [i, hour] of hours.entries()) {
      const read = await reading[i]!;
      delete reading[i];
      if (i + filesAhead < hours.length) reading.push(this.#bytesOf(hours[i + filesAhead]!));
      yield { hour, ...(await this.#readFrom(hour, read)) };
    }
  }

  /** Never throws, since nobody may be there yet to take it. */
  async #bytesOf(hour: number): Promise<FileBytes> {
    try {
      return { bytes: await readFile(this.#file(hour)), error: null };
    } catch (error) {
      return { bytes: null, error };
    }
  }

  async #readFrom(hour: number, { bytes, error }: FileBytes): Promise<ReadBucket> {
    const file = this.#file(hour);
    if (bytes === null) {
      // Its owner has just let it expire.
      if (this.readOnly && isMissing(error)) return { bucket: null, notice: null };
      this.#blocked.add(hour);
      const message = `${file} cannot be read (${wordsOf(error)}); it stays where it is, unused.`;
      return { bucket: null, notice: { what: 'unreadable', file, message } };
    }
    const content = await readBucketFile(bytes);
    if (content.kind === 'newer') {
      this.#blocked.add(hour);
      const message =
        `${file} has format ${content.version}, written by a newer stegwatch; it stays where it is, ` +
        'unused, and this hour is not saved.';
      return { bucket: null, notice: { what: 'newer_format', file, message } };
    }
    if (content.kind === 'damaged') return this.#setAside(hour, 'damaged', content.reason);
    const { identity } = content;
    if (identity.hour !== hour || identity.direction !== this.#direction) {
      return this.#setAside(
        hour,
        'damaged',
        'it says that it is another bucket than its name does',
      );
    }
    if (identity.fingerprint !== this.#fingerprint) {
      return this.#setAside(
        hour,
        'other_settings',
        'the settings that decide what is learned were different when it was written',
      );
    }
    return this.#take(hour, file, content);
  }

  /** True if this hour's file must not be written. */
  isBlocked(hour: number): boolean {
    return this.#blocked.has(hour);
  }

  /**
   * Adds a checkpoint to the hour's file, or makes the file, and has it on disk when it resolves. Throws
   * what the file system says; the next call then takes up where the last whole checkpoint ends.
   */
  async append(hour: number, state: BucketState, hosts: readonly HostBlock[]): Promise<void> {
    this.#mayWrite();
    const log = this.#logs.get(hour);
    if (log === undefined) return this.#write(hour, state, hosts);
    if (log.old) return this.rewrite(hour, state, hosts);
    const parts = await encodeCheckpoint(state, hosts);
    await this.#untilGone(hour, () => this.#appendTo(log, this.#file(hour), parts));
    log.end += lengthOf(parts);
    log.waste += log.lastState;
    log.lastState = parts[1]!.length;
    if (log.waste > Math.max(tolerableWaste, log.end - log.waste))
      await this.rewrite(hour, state, []);
  }

  /** Writes the bucket anew as one checkpoint: this state, the hosts of the file and these. */
  async rewrite(hour: number, state: BucketState, hosts: readonly HostBlock[]): Promise<void> {
    this.#mayWrite();
    if (!this.#logs.has(hour)) return this.#write(hour, state, hosts);
    const bytes = await this.#untilGone(hour, () => readFile(this.#file(hour)));
    const content = await readBucketFile(bytes);
    if (content.kind !== 'bucket') {
      this.#logs.delete(hour);
      const { notice } = await this.#setAside(hour, 'damaged', 'it was damaged while in use');
      throw new Error(notice.message);
    }
    await this.#write(hour, state, [...content.hosts, ...hosts]);
  }

  /** From now on the hour has no file; the old one goes when it is replaced, or by `deleteDiscarded`. */
  discard(hour: number): void {
    if (this.#logs.delete(hour)) this.#discarded.add(hour);
  }

  async deleteDiscarded(): Promise<void> {
    if (this.readOnly || this.#discarded.size === 0) return;
    for (const hour of this.#discarded) await rm(this.#file(hour), { force: true });
    this.#discarded.clear();
    await syncDirectory(this.#folder);
  }

  /** Deletes the files, those set aside too, of hours before `oldest`. Returns how many. */
  async expire(oldest: number): Promise<number> {
    if (this.readOnly) return 0;
    let deleted = 0;
    const prefix = `${this.#direction}-`;
    for (const [folder, start] of [
      [this.#folder, ''],
      [join(this.#path, 'damaged'), prefix],
      [join(this.#path, 'other-settings'), prefix],
    ] as const) {
      const names = await readdir(folder).catch((error) => {
        if (isMissing(error)) return [];
        throw error;
      });
      const ours = names.filter((name) => name.startsWith(start));
      for (const hour of hoursOf(ours.map((name) => name.slice(start.length)))) {
        if (hour >= oldest) continue;
        await rm(join(folder, start + fileName(hour)), { force: true });
        deleted++;
        if (folder === this.#folder) this.#forgetFile(hour);
      }
    }
    return deleted;
  }

  async #appendTo(log: Log, file: string, parts: readonly Buffer[]): Promise<void> {
    if (log.torn) await truncate(file, log.end);
    const handle = await open(file, constants.O_WRONLY | constants.O_APPEND);
    try {
      const { size } = await handle.stat();
      if (size !== log.end) throw new Error(`another process has written to ${file}`);
      log.torn = true;
      for (const part of parts) await handle.appendFile(part);
      await handle.datasync();
      log.torn = false;
    } finally {
      await handle.close();
    }
  }

  /** Somebody deleted the file: that is an error once, then the hour gets a new one. */
  async #untilGone<T>(hour: number, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (isMissing(error)) this.#logs.delete(hour);
      throw error;
    }
  }

  #forgetFile(hour: number): void {
    this.#logs.delete(hour);
    this.#blocked.delete(hour);
    this.#discarded.delete(hour);
  }

  #take(hour: number, file: string, content: BucketFile): ReadBucket {
    const { state, hosts, end, tornBytes, version } = content;
    // How much an old log wastes is not known without taking it apart; it is counted from here on.
    const old = version < formatVersion;
    this.#logs.set(hour, { end, lastState: 0, waste: 0, old, torn: tornBytes > 0 });
    const bucket = state === null ? null : { state, hosts };
    // To one who looks on, that is most likely a checkpoint that is being written.
    if (tornBytes === 0 || this.readOnly) return { bucket, notice: null };
    const message =
      `${file} ends in the middle of a checkpoint; the ${tornBytes} bytes of it are cut off, ` +
      'what was saved before stands.';
    return { bucket, notice: { what: 'torn', file, message } };
  }

  async #setAside(
    hour: number,
    what: 'damaged' | 'other_settings',
    reason: string,
  ): Promise<{ readonly bucket: null; readonly notice: BucketNotice }> {
    const file = this.#file(hour);
    if (this.readOnly) {
      const message = `${file} is not used: ${reason}; it is read only and stays where it is.`;
      return { bucket: null, notice: { what, file, message } };
    }
    const folder = join(this.#path, what === 'damaged' ? 'damaged' : 'other-settings');
    const target = join(folder, `${this.#direction}-${fileName(hour)}`);
    let where = `it is set aside as ${target}`;
    try {
      await makeDirectory(folder);
      await rename(file, target);
    } catch (error) {
      this.#blocked.add(hour);
      where = `it could not be set aside (${wordsOf(error)}), so this hour is not saved`;
    }
    const message = `${file} is not used: ${reason}; ${where}.`;
    return { bucket: null, notice: { what, file, message } };
  }

  async #write(hour: number, state: BucketState, hosts: readonly HostBlock[]): Promise<void> {
    if (this.#fingerprint === null) throw new Error('the bucket store has not been opened');
    const identity = { hour, direction: this.#direction, fingerprint: this.#fingerprint };
    const parts = [encodeIdentity(identity), ...(await encodeCheckpoint(state, hosts))];
    const end = await replaceFile(this.#file(hour), parts);
    const lastState = parts[2]!.length;
    this.#logs.set(hour, { end, lastState, waste: 0, old: false, torn: false });
    this.#discarded.delete(hour);
  }

  #mayWrite(): void {
    if (this.readOnly) throw new Error(`${this.#folder} has been opened to be read only`);
  }

  #file(hour: number): string {
    return join(this.#folder, fileName(hour));
  }
}

/** `2026-11-24T04.bucket`. */
function fileName(hour: number): string {
  return new Date(hour * msPerHour).toISOString().slice(0, 13) + extension;
}

function hoursOf(names: readonly string[]): number[] {
  const hours: number[] = [];
  for (const name of names) {
    const stamp = /^(\d{4}-\d{2}-\d{2}T\d{2})\.bucket$/.exec(name)?.[1];
    const hour = Date.parse(`${stamp}:00:00Z`) / msPerHour;
    if (!Number.isNaN(hour) && fileName(hour) === name) hours.push(hour);
  }
  return hours.sort((a, b) => a - b);
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
