/**
 * The observations of a batch as bytes: what the baseline learned from the batch's JPEG events, in
 * order, so that a spool can teach them to a baseline that was not saved in time. Little-endian,
 * without padding, one after the other:
 *
 *     offset  size  field
 *          0     4  hour        u32, UTC hours since the epoch
 *          4     8  bytes       f64, the size; NaN if the event carried none
 *         12     1  direction   u8, 0 = download, 1 = upload
 *         13     2  host bytes  u16, n
 *         15     n  host        UTF-8, as received; empty if the event carried none
 *
 * The form is versioned by the header of whatever file holds it.
 */
import type { Direction } from '../verdict.js';

export interface Observation {
  readonly hour: number;
  /** NaN if the event carried no size. */
  readonly bytes: number;
  readonly direction: Direction;
  /** '' if the event carried no host. */
  readonly host: string;
}

const fixedBytes = 15;
/** What the length of a host can say. Longer ones are cut; a DNS name has at most 253 bytes. */
const maxHostBytes = 0xffff;

const directions: readonly Direction[] = ['download', 'upload'];

/** Upper bound of the bytes that an observation of this host takes. */
export function maxObservationBytes(host: string): number {
  return fixedBytes + Math.min(3 * host.length, maxHostBytes);
}

/** Writes at `at`, returns the end. The caller has made sure that `maxObservationBytes` fit. */
export function writeObservation(
  out: Buffer,
  at: number,
  hour: number,
  bytes: number,
  direction: Direction,
  host: string,
): number {
  out.writeUInt32LE(hour, at);
  out.writeDoubleLE(bytes, at + 4);
  out.writeUInt8(directions.indexOf(direction), at + 12);
  // `write` stops before a character that does not fit whole.
  const room = Math.min(maxHostBytes, out.length - at - fixedBytes);
  const hostBytes = out.write(host, at + fixedBytes, room);
  out.writeUInt16LE(hostBytes, at + 13);
  return at + fixedBytes + hostBytes;
}

/**
 * Reads what `writeObservation` wrote. Throws a RangeError if `bytes` end within an observation.
 */
export function* readObservations(bytes: Buffer): Generator<Observation> {
  for (let at = 0; at < bytes.length; ) {
    const hostStart = at + fixedBytes;
    const hostEnd = hostStart + (hostStart <= bytes.length ? bytes.readUInt16LE(at + 13) : 0);
    const direction = hostEnd <= bytes.length ? directions[bytes.readUInt8(at + 12)] : undefined;
    if (direction === undefined) throw new RangeError(`no observation at byte ${at}`);
    yield {
      hour: bytes.readUInt32LE(at),
      bytes: bytes.readDoubleLE(at + 4),
      direction,
      host: bytes.toString('utf8', hostStart, hostEnd),
    };
    at = hostEnd;
  }
}
