/**
 * The file of the alerts that were raised, `<baseline.path>/repeats`, so that a restart does not raise
 * them all again (docs/baseline-format.md, "Repeats"). Replaced whole, when something has changed:
 *
 *     prefix    "STEGRPT\n"  u16 format version  u16 0  u32 CRC of the 12 bytes before       16 bytes
 *     sections  u32 length  u32 CRC of payload  u32 CRC of the 8 bytes before  payload
 *     payload   per alert: f64 raised at (epoch ms)  f64 repeats  u16 length, key in UTF-8
 *
 * Little endian. The prefix is laid out as in a bucket's file. Calls must not overlap.
 */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { StegwatchError, wordsOf } from '../errors.js';
import type { Counters } from '../observe/counters.js';
import { replaceFile, temporarySuffix } from '../platform/atomic-file.js';
import { makeDirectory } from '../platform/make-directory.js';
import type { RaisedAlert } from '../stages.js';
import type { BucketNotice } from './bucket-store.js';

/** Raise it with every change of the layout, and go on reading the older ones. */
const formatVersion = 1;
const magic = Buffer.from('STEGRPT\n', 'latin1');
const prefixLength = 16;
const headerLength = 12;
const alertLength = 18;
/** Of one section, a millisecond or two's work: the event loop turns between two of them. */
const alertsPerSection = 2048;
const bytesPerSection = 256 * 1024;
/** What a section may hold at most when read, and a file (the greatest `suppress.max_alerts`). */
const maxSection = 1024 * 1024;
const maxAlerts = 1_000_000;
const maxKey = 0xffff;

/** What is to be saved. `version` grows with every change since it was made or restored from `load`. */
export interface RaisedAlerts {
  readonly version: number;
  snapshot(): Iterable<readonly RaisedAlert[]>;
}

export interface LoadedRepeats {
  readonly alerts: readonly RaisedAlert[];
  /** What its owner should be told; null if all is well or there is no file. */
  readonly notice: BucketNotice | null;
}

export class RepeatsFile {
  readonly #folder: string;
  readonly #file: string;
  readonly #counters: Pick<Counters, 'baseline_unused_files' | 'checkpoint_failures'>;
  readonly #readOnly: boolean;
  /** The file must stay as it is: a newer format, or it could not be read. */
  #blocked = false;
  #savedVersion = 0;

  constructor(options: {
    /** `baseline.path`. */
    readonly path: string;
    readonly counters: Pick<Counters, 'baseline_unused_files' | 'checkpoint_failures'>;
    /** Nothing is set aside, and `save` does nothing. */
    readonly readOnly?: boolean;
  }) {
    this.#folder = options.path;
    this.#file = join(options.path, 'repeats');
    this.#counters = options.counters;
    this.#readOnly = options.readOnly ?? false;
  }

  /** Never throws: without the file, alerts are raised once more than they should be. */
  async load(): Promise<LoadedRepeats> {
    let content: FileContent;
    try {
      if (!this.#readOnly) await rm(this.#file + temporarySuffix, { force: true });
      content = await readContent(this.#file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { alerts: [], notice: null };
      const reason = `cannot be read (${wordsOf(error)})`;
      return { alerts: [], notice: this.#leave('unreadable', reason) };
    }
    const { alerts, version, damage } = content;
    if (version > formatVersion) {
      const reason = `has format ${version}, written by a newer stegwatch`;
      return { alerts: [], notice: this.#leave('newer_format', reason) };
    }
    return { alerts, notice: damage === null ? null : await this.#setAside(damage, alerts.length) };
  }

  /** True if there is nothing to save: the file holds this version, or must stay as it is. */
  isSaved(version: number): boolean {
    return this.#readOnly || this.#blocked || version === this.#savedVersion;
  }

  /**
   * Resolves when what has changed is on disk.
   * @throws StegwatchError BASELINE_UNUSABLE; the next call tries again
   */
  async save(alerts: RaisedAlerts): Promise<void> {
    const { version } = alerts;
    if (this.isSaved(version)) return;
    try {
      await makeDirectory(this.#folder);
      await replaceFile(this.#file, encode(alerts.snapshot()));
    } catch (error) {
      this.#counters.checkpoint_failures++;
      throw new StegwatchError(
        'BASELINE_UNUSABLE',
        `The alerts raised cannot be saved: ${wordsOf(error)}`,
        'The directory of baseline.path must be on a disk with free space, and writable by stegwatch.',
        { cause: error },
      );
    }
    this.#savedVersion = version;
  }

  #leave(what: 'unreadable' | 'newer_format', reason: string): BucketNotice {
    this.#blocked = true;
    this.#counters.baseline_unused_files++;
    const message =
      `${this.#file} ${reason}; it stays where it is, unused: alerts raised before are raised ` +
      'again, and those raised from now on are not remembered over a restart.';
    return { what, file: this.#file, message };
  }

  async #setAside(damage: string, kept: number): Promise<BucketNotice> {
    const file = this.#file;
    this.#counters.baseline_unused_files++;
    let where = 'it is read only and stays where it is';
    if (!this.#readOnly) {
      const target = join(this.#folder, 'damaged', 'repeats');
      where = `it is set aside as ${target}`;
      try {
        await makeDirectory(join(this.#folder, 'damaged'));
        await rename(file, target);
      } catch (error) {
        this.#blocked = true;
        where = `it could not be set aside (${wordsOf(error)}), so repeats are not saved`;
      }
    }
    // What could be read must be written again, even if nothing changes.
    this.#savedVersion = -1;
    const message = `${file} is damaged: ${damage}; the ${kept} alerts before that are used, ${where}.`;
    return { what: 'damaged', file, message };
  }
}

/** Lazily: each part is made when the one before it is on its way to the disk. */
function* encode(blocks: Iterable<readonly RaisedAlert[]>): Generator<Buffer> {
  const prefix = Buffer.alloc(prefixLength);
  magic.copy(prefix);
  prefix.writeUInt16LE(formatVersion, 8);
  prefix.writeUInt32LE(crc32(prefix.subarray(0, 12)), 12);
  yield prefix;
  for (const block of blocks) {
    for (let from = 0; from < block.length; ) {
      const to = sectionEnd(block, from);
      yield encodeSection(block.slice(from, to));
      from = to;
    }
  }
}

/** Index behind the last alert of the section that begins at `from`: one at least. */
function sectionEnd(alerts: readonly RaisedAlert[], from: number): number {
  let to = from;
  let bytes = 0;
  while (to < alerts.length && to - from < alertsPerSection && bytes < bytesPerSection) {
    bytes += maxLength(alerts[to]!);
    to++;
  }
  return to;
}

function encodeSection(alerts: readonly RaisedAlert[]): Buffer {
  const most = alerts.reduce((sum, alert) => sum + maxLength(alert), 0);
  const section = Buffer.allocUnsafe(headerLength + most);
  let at = headerLength;
  for (const { key, atMs, repeats } of alerts) {
    const length = section.write(key, at + alertLength);
    if (length > maxKey) continue;
    section.writeDoubleLE(atMs, at);
    section.writeDoubleLE(repeats, at + 8);
    section.writeUInt16LE(length, at + 16);
    at += alertLength + length;
  }
  section.writeUInt32LE(at - headerLength, 0);
  section.writeUInt32LE(crc32(section.subarray(headerLength, at)), 4);
  section.writeUInt32LE(crc32(section.subarray(0, 8)), 8);
  return section.subarray(0, at);
}

/** Of a UTF-16 unit UTF-8 makes three bytes at most. */
function maxLength({ key }: RaisedAlert): number {
  return alertLength + 3 * key.length;
}

interface FileContent {
  readonly alerts: RaisedAlert[];
  readonly version: number;
  /** What is wrong from some point on; null if nothing is. */
  readonly damage: string | null;
}

/** Section by section, so that a file of any size costs no more than what it holds of alerts. */
async function readContent(path: string): Promise<FileContent> {
  const file = await open(path, 'r');
  try {
    const alerts: RaisedAlert[] = [];
    const prefix = await readBytes(file, prefixLength);
    if (prefix.length < prefixLength || !prefix.subarray(0, 8).equals(magic)) {
      return { alerts, version: 0, damage: 'it is no file of repeats' };
    }
    if (crc32(prefix.subarray(0, 12)) !== prefix.readUInt32LE(12)) {
      return { alerts, version: 0, damage: 'a checksum does not fit' };
    }
    const version = prefix.readUInt16LE(8);
    const damage = version > formatVersion ? null : await readSections(file, alerts);
    return { alerts, version, damage };
  } finally {
    await file.close();
  }
}

async function readSections(file: FileHandle, into: RaisedAlert[]): Promise<string | null> {
  for (;;) {
    const header = await readBytes(file, headerLength);
    if (header.length === 0) return null;
    if (header.length < headerLength) return 'it ends too early';
    if (crc32(header.subarray(0, 8)) !== header.readUInt32LE(8)) return 'a checksum does not fit';
    const length = header.readUInt32LE(0);
    if (length > maxSection) return 'it says that a part is longer than any is';
    const payload = await readBytes(file, length);
    if (payload.length < length) return 'it ends too early';
    if (crc32(payload) !== header.readUInt32LE(4)) return 'a checksum does not fit';
    if (!decodeSection(payload, into)) return 'what a part holds makes no sense';
    if (into.length > maxAlerts) return 'it holds more alerts than can be remembered';
  }
}

/** False if the payload is not what the checksum was made of; nothing of it is then taken. */
function decodeSection(payload: Buffer, into: RaisedAlert[]): boolean {
  const alerts: RaisedAlert[] = [];
  for (let at = 0; at < payload.length; ) {
    if (at + alertLength > payload.length) return false;
    const atMs = payload.readDoubleLE(at);
    const repeats = payload.readDoubleLE(at + 8);
    const end = at + alertLength + payload.readUInt16LE(at + 16);
    if (end > payload.length || !isMoment(atMs) || !isCount(repeats)) return false;
    alerts.push({ key: payload.toString('utf8', at + alertLength, end), atMs, repeats });
    at = end;
  }
  for (const alert of alerts) into.push(alert);
  return true;
}

/** What `Date` can show. */
function isMoment(value: number): boolean {
  return Math.abs(value) <= 8.64e15;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Fewer than `length` only at the end of the file. */
async function readBytes(file: FileHandle, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let held = 0;
  while (held < length) {
    const { bytesRead } = await file.read(bytes, held, length - held);
    if (bytesRead === 0) break;
    held += bytesRead;
  }
  return bytes.subarray(0, held);
}
