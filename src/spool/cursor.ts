/**
 * How far a spool has been delivered, saved and written, on disk. Two slots are written in turn, in place:
 * whatever moment a crash picks, one of them is whole. A slot is cheap enough to be written at every ack,
 * so that the death of the process brings nothing back that was acked; only a power loss may, up to `sync`.
 *
 *     slots at bytes 0 and 512:
 *          0     8  "STEGCUR\n"
 *          8     2  format version   u16
 *         10     2  closed           u16; 1 if nothing has been written since
 *         12     4  CRC              u32, of bytes 0 to 12 and 16 to 96
 *         16     8  generation       f64; the slot with the higher one counts
 *         24     8  acked            f64, sequence number
 *         32     8  acked events     f64, in all records up to that one
 *         40     8  covered          f64, sequence number
 *         48     8  written          f64, sequence number
 *         56     8  written events   f64, in all records up to that one
 *         64     8  spool            as in segments
 *         72     8  dropped          f64; what lies in front of a segment that begins at this number
 *                                    or before it may have been dropped
 *         80     8  dropped events   f64, of those that are not acked
 *         88     8  0
 */
import { crc32 } from 'node:zlib';
import type { Folder, WritableFile } from './folder.js';
import { spoolIdLength } from './segment.js';

export const cursorName = 'cursor';
export const cursorVersion = 1;
const magic = Buffer.from('STEGCUR\n', 'latin1');
export const slotLength = 96;
/** Slots lie in sectors of their own, so that one torn write cannot hit both. */
export const slotDistance = 512;

/** Sequence numbers, and how many events are in all records up to them. */
export interface CursorReading {
  /** Everything up to this number has been delivered. */
  readonly acked: number;
  readonly ackedEvents: number;
  /** What was learned from everything up to this number is in a saved baseline. */
  readonly covered: number;
  /** At the last write of the cursor; more may have been written since. */
  readonly written: number;
  readonly writtenEvents: number;
  /** What lies in front of a segment that begins here or before may have been dropped; 0: nothing was. */
  readonly dropped: number;
  /** Of the events that are not acked, those that were dropped. */
  readonly droppedEvents: number;
  /** Nothing has been written since, and all of it was forced. */
  readonly closed: boolean;
}

export type CursorContent =
  | {
      readonly kind: 'cursor';
      readonly reading: CursorReading;
      readonly spoolId: Buffer;
      readonly generation: number;
    }
  | { readonly kind: 'missing' | 'damaged' }
  | { readonly kind: 'newer'; readonly version: number };

export class Cursor {
  readonly #file: WritableFile;
  readonly #slot = Buffer.alloc(slotLength);
  #generation: number;
  #dirty = false;
  /** What could not be written, or forced: the kernel may have forgotten it. */
  #unsure: CursorReading | null = null;
  #last: CursorReading | null = null;

  /** Opens it for writing. Throws what the system says. */
  constructor(folder: Folder, spoolId: Buffer, generation: number) {
    this.#file = folder.openForWriting(cursorName);
    this.#generation = generation;
    magic.copy(this.#slot);
    this.#slot.writeUInt16LE(cursorVersion, 8);
    spoolId.copy(this.#slot, 64, 0, spoolIdLength);
  }

  /** The kernel's when it returns. Throws what the system says; the other slot then still stands. */
  write(reading: CursorReading): void {
    const slot = this.#slot;
    const generation = this.#generation + 1;
    slot.writeUInt16LE(reading.closed ? 1 : 0, 10);
    slot.writeDoubleLE(generation, 16);
    slot.writeDoubleLE(reading.acked, 24);
    slot.writeDoubleLE(reading.ackedEvents, 32);
    slot.writeDoubleLE(reading.covered, 40);
    slot.writeDoubleLE(reading.written, 48);
    slot.writeDoubleLE(reading.writtenEvents, 56);
    slot.writeDoubleLE(reading.dropped, 72);
    slot.writeDoubleLE(reading.droppedEvents, 80);
    slot.writeUInt32LE(checksum(slot), 12);
    this.#dirty = true;
    this.#unsure = reading;
    this.#file.write([slot], (generation % 2) * slotDistance);
    this.#generation = generation;
    this.#last = reading;
    this.#unsure = null;
  }

  /** Resolves once the last write is on disk; rejects with what the system says. */
  async sync(): Promise<void> {
    if (this.#unsure !== null) this.write(this.#unsure);
    if (!this.#dirty) return;
    this.#dirty = false;
    try {
      await this.#file.sync();
    } catch (error) {
      this.#dirty = true;
      this.#unsure = this.#last;
      throw error;
    }
  }

  close(): void {
    this.#file.close();
  }
}

export async function readCursor(folder: Folder): Promise<CursorContent> {
  const bytes = Buffer.alloc(slotDistance + slotLength);
  let length: number;
  try {
    const file = await folder.openForReading(cursorName);
    length = await file.read(bytes, 0, bytes.length, 0).finally(() => file.close());
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { kind: missing ? 'missing' : 'damaged' };
  }
  const whole = bytes.subarray(0, length);
  const slots = [readSlot(whole.subarray(0, slotLength)), readSlot(whole.subarray(slotDistance))];
  let best: CursorContent = { kind: 'damaged' };
  for (const slot of slots) {
    if (slot?.kind === 'newer') return slot;
    if (slot === null) continue;
    if (best.kind !== 'cursor' || slot.generation > best.generation) best = slot;
  }
  return best;
}

function readSlot(slot: Buffer): Exclude<CursorContent, { kind: 'missing' | 'damaged' }> | null {
  if (slot.length !== slotLength || !slot.subarray(0, 8).equals(magic)) return null;
  if (checksum(slot) !== slot.readUInt32LE(12)) return null;
  const version = slot.readUInt16LE(8);
  if (version > cursorVersion) return { kind: 'newer', version };
  const numbers = [16, 24, 32, 40, 48, 56, 72, 80].map((at) => slot.readDoubleLE(at));
  if (!numbers.every((value) => Number.isSafeInteger(value) && value >= 0)) return null;
  const reading = {
    acked: slot.readDoubleLE(24),
    ackedEvents: slot.readDoubleLE(32),
    covered: slot.readDoubleLE(40),
    written: slot.readDoubleLE(48),
    writtenEvents: slot.readDoubleLE(56),
    dropped: slot.readDoubleLE(72),
    droppedEvents: slot.readDoubleLE(80),
    closed: slot.readUInt16LE(10) === 1,
  };
  const spoolId = Buffer.from(slot.subarray(64, 64 + spoolIdLength));
  return { kind: 'cursor', reading, spoolId, generation: slot.readDoubleLE(16) };
}

function checksum(slot: Buffer): number {
  return crc32(slot.subarray(16), crc32(slot.subarray(0, 12)));
}
