/**
 * One batch as bytes on disk: a header, the observations, the entries. docs/spool-format.md describes it.
 *
 *     offset  size  field
 *          0     8  mark               random, the same in all records of a segment
 *          8     4  header CRC         u32, CRC-32 of bytes 12 to 64
 *         12     4  observations CRC   u32
 *         16     4  entries CRC        u32
 *         20     4  observations       u32, bytes
 *         24     4  entries            u32, bytes
 *         28     4  alerts at          u32, offset of the alert entries in the entries
 *         32     4  events             u32, entries under the event tag
 *         36     4  alerts             u32, entries under the alert tag
 *         40     8  sequence number    f64
 *         48     8  events before      f64, in all records of this spool before this one
 *         56     8  oldest             f64, receipt of its oldest event, epoch ms
 *         64        observations, entries
 *
 * Little-endian. The mark lets a reader find the next record behind a damaged place; as it is random, no
 * text in an event can pass for a record. `events before` tells how many events a damaged place has cost.
 */
import { crc32 } from 'node:zlib';
import type { Batch, StoredBatch } from '../stages.js';

export const markLength = 8;
export const headerLength = 64;
/** No batch is larger: the longest message, 1 MiB, encoded, and what was in the batch before it. */
export const maxPartLength = 256 * 1024 * 1024;

export interface RecordHeader {
  readonly observationsCrc: number;
  readonly entriesCrc: number;
  readonly observationsLength: number;
  readonly entriesLength: number;
  readonly alertsAt: number;
  readonly eventCount: number;
  readonly alertCount: number;
  readonly seq: number;
  readonly eventsBefore: number;
  readonly oldestMs: number;
}

export function recordLength(batch: Batch): number {
  return headerLength + batch.observations.length + batch.entries.length;
}

/** Events in it, under both tags. */
export function eventsIn(batch: Pick<Batch, 'eventCount' | 'alertCount'>): number {
  return batch.eventCount + batch.alertCount;
}

/** Writes the header into the first 64 bytes of `out`. */
export function writeHeader(
  out: Buffer,
  mark: Uint8Array,
  batch: Batch,
  seq: number,
  eventsBefore: number,
): void {
  out.set(mark, 0);
  out.writeUInt32LE(crc32(batch.observations), 12);
  out.writeUInt32LE(crc32(batch.entries), 16);
  out.writeUInt32LE(batch.observations.length, 20);
  out.writeUInt32LE(batch.entries.length, 24);
  out.writeUInt32LE(batch.alertsAt, 28);
  out.writeUInt32LE(batch.eventCount, 32);
  out.writeUInt32LE(batch.alertCount, 36);
  out.writeDoubleLE(seq, 40);
  out.writeDoubleLE(eventsBefore, 48);
  out.writeDoubleLE(batch.oldestMs, 56);
  out.writeUInt32LE(crc32(out.subarray(12, headerLength)), 8);
}

/** The header at `at`, or null if there is none: another mark, a checksum that does not fit, nonsense. */
export function readHeader(bytes: Buffer, at: number, mark: Uint8Array): RecordHeader | null {
  const header = bytes.subarray(at, at + headerLength);
  if (header.length < headerLength || header.compare(mark, 0, markLength, 0, markLength) !== 0) {
    return null;
  }
  if (crc32(header.subarray(12)) !== header.readUInt32LE(8)) return null;
  const found: RecordHeader = {
    observationsCrc: header.readUInt32LE(12),
    entriesCrc: header.readUInt32LE(16),
    observationsLength: header.readUInt32LE(20),
    entriesLength: header.readUInt32LE(24),
    alertsAt: header.readUInt32LE(28),
    eventCount: header.readUInt32LE(32),
    alertCount: header.readUInt32LE(36),
    seq: header.readDoubleLE(40),
    eventsBefore: header.readDoubleLE(48),
    oldestMs: header.readDoubleLE(56),
  };
  const sane =
    found.observationsLength <= maxPartLength &&
    found.entriesLength <= maxPartLength &&
    found.alertsAt <= found.entriesLength &&
    Number.isSafeInteger(found.seq) &&
    found.seq > 0 &&
    Number.isSafeInteger(found.eventsBefore);
  return sane ? found : null;
}

/** Length of the whole record. */
export function lengthOf(header: RecordHeader): number {
  return headerLength + header.observationsLength + header.entriesLength;
}

/**
 * The record's batch as views of `bytes`, which hold all of it from `at` on; null if a checksum does not
 * fit.
 */
export function readBatch(bytes: Buffer, at: number, header: RecordHeader): StoredBatch | null {
  const middle = at + headerLength + header.observationsLength;
  const observations = bytes.subarray(at + headerLength, middle);
  const entries = bytes.subarray(middle, middle + header.entriesLength);
  const intact =
    crc32(observations) === header.observationsCrc && crc32(entries) === header.entriesCrc;
  if (!intact) return null;
  const { seq, alertsAt, eventCount, alertCount, oldestMs } = header;
  return { seq, observations, entries, alertsAt, eventCount, alertCount, oldestMs };
}
