/**
 * The file of the clock of detection, `<baseline.path>/clock`, so that a restart does not set it back to
 * the start of an hour (docs/baseline-format.md, "Clock"). Only events tell that time: of `time: event`.
 *
 *     prefix    "STEGCLK\n"  u16 format version  u16 0  u32 CRC of the 12 bytes before        16 bytes
 *     payload   f64 clock  f64 receipt of the last event with a time (epoch ms)  u32 CRC      20 bytes
 *
 * Little endian. The prefix is laid out as in a bucket's file. Calls must not overlap.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { StegwatchError, wordsOf } from '../errors.js';
import type { Counters } from '../observe/counters.js';
import { replaceFile, temporarySuffix } from '../platform/atomic-file.js';
import { makeDirectory } from '../platform/make-directory.js';
import type { ClockReading } from '../stages.js';
import type { BucketNotice } from './bucket-store.js';

/** Raise it with every change of the layout, and go on reading the older ones. */
const formatVersion = 1;
const magic = Buffer.from('STEGCLK\n', 'latin1');
const prefixLength = 16;
const fileLength = 36;

export interface LoadedClock {
  /** Null if nothing is known. */
  readonly reading: ClockReading | null;
  /** What its owner should be told; null if all is well or there is no file. */
  readonly notice: BucketNotice | null;
}

export class ClockFile {
  readonly #folder: string;
  readonly #file: string;
  readonly #counters: Pick<Counters, 'baseline_unused_files' | 'checkpoint_failures'>;
  readonly #readOnly: boolean;
  /** The file must stay as it is: a newer format, or it could not be read. */
  #blocked = false;
  /** What the file holds, as far as is known. */
  #saved: ClockReading | null = null;

  constructor(options: {
    /** `baseline.path`. */
    readonly path: string;
    readonly counters: Pick<Counters, 'baseline_unused_files' | 'checkpoint_failures'>;
    /** Nothing is changed, and `save` does nothing. */
    readonly readOnly?: boolean;
  }) {
    this.#folder = options.path;
    this.#file = join(options.path, 'clock');
    this.#counters = options.counters;
    this.#readOnly = options.readOnly ?? false;
  }

  /** Never throws: without the file, the clock starts with the newest hour of the baseline. */
  async load(): Promise<LoadedClock> {
    let bytes: Buffer;
    try {
      if (!this.#readOnly) await rm(this.#file + temporarySuffix, { force: true });
      bytes = await readFile(this.#file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        return { reading: null, notice: null };
      this.#blocked = true;
      return this.#unused('unreadable', `cannot be read (${wordsOf(error)}); it stays where it is`);
    }
    const version = versionOf(bytes);
    if (version !== null && version > formatVersion) {
      this.#blocked = true;
      const reason = `has format ${version}, written by a newer stegwatch; it stays where it is`;
      return this.#unused('newer_format', reason);
    }
    const reading = version === null ? null : decode(bytes);
    if (reading === null) return this.#unused('damaged', 'is damaged');
    this.#saved = reading;
    return { reading, notice: null };
  }

  /**
   * Resolves when the clock is on disk; does nothing if it shows what the file holds.
   * @throws StegwatchError BASELINE_UNUSABLE; the next call tries again
   */
  async save(reading: ClockReading): Promise<void> {
    if (this.#readOnly || this.#blocked) return;
    const { ms, timedReceiptMs } = reading;
    if (ms === this.#saved?.ms && timedReceiptMs === this.#saved.timedReceiptMs) return;
    try {
      await makeDirectory(this.#folder);
      await replaceFile(this.#file, [encode(reading)]);
    } catch (error) {
      this.#counters.checkpoint_failures++;
      throw new StegwatchError(
        'BASELINE_UNUSABLE',
        `The clock cannot be saved: ${wordsOf(error)}`,
        'The directory of baseline.path must be on a disk with free space, and writable by stegwatch.',
        { cause: error },
      );
    }
    this.#saved = reading;
  }

  #unused(what: BucketNotice['what'], reason: string): LoadedClock {
    this.#counters.baseline_unused_files++;
    const message =
      `${this.#file} ${reason}, unused: the clock starts with the newest hour of the baseline, so ` +
      'events that come late may be taken at their own time.';
    return { reading: null, notice: { what, file: this.#file, message } };
  }
}

function encode({ ms, timedReceiptMs }: ClockReading): Buffer {
  const bytes = Buffer.alloc(fileLength);
  magic.copy(bytes);
  bytes.writeUInt16LE(formatVersion, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 12)), 12);
  bytes.writeDoubleLE(ms, prefixLength);
  bytes.writeDoubleLE(timedReceiptMs, prefixLength + 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(prefixLength, fileLength - 4)), fileLength - 4);
  return bytes;
}

/** Null if it is no clock file. */
function versionOf(bytes: Buffer): number | null {
  if (bytes.length < prefixLength || !bytes.subarray(0, 8).equals(magic)) return null;
  return crc32(bytes.subarray(0, 12)) === bytes.readUInt32LE(12) ? bytes.readUInt16LE(8) : null;
}

function decode(bytes: Buffer): ClockReading | null {
  if (bytes.length !== fileLength) return null;
  const payload = bytes.subarray(prefixLength, fileLength - 4);
  if (crc32(payload) !== bytes.readUInt32LE(fileLength - 4)) return null;
  const ms = payload.readDoubleLE(0);
  const timedReceiptMs = payload.readDoubleLE(8);
  return isMoment(ms) && isMoment(timedReceiptMs) ? { ms, timedReceiptMs } : null;
}

/** What `Date` can show, from 1970 on. */
function isMoment(value: number): boolean {
  return value >= 0 && value <= 8.64e15;
}
