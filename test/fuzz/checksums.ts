/** Makes checksums fit again, so that a mutation reaches what lies behind them. */
import { crc32 } from 'node:zlib';

const prefixLength = 16;

/** Of a prefix as all files of the baseline have: a CRC of the 12 bytes before it. */
export function repairPrefix(bytes: Buffer): void {
  if (bytes.length >= prefixLength) bytes.writeUInt32LE(crc32(bytes.subarray(0, 12)), 12);
}

/**
 * Of sections behind a prefix, as far as the lengths in them lead.
 *
 * @param lengthAt offset of the length in a section's header; the CRC of the payload follows it, and the
 *   CRC of the header is the last thing in the header
 */
export function repairSections(bytes: Buffer, headerLength: number, lengthAt: number): void {
  repairPrefix(bytes);
  for (let at = prefixLength; at + headerLength <= bytes.length; ) {
    const start = at + headerLength;
    const end = start + bytes.readUInt32LE(at + lengthAt);
    if (end <= bytes.length)
      bytes.writeUInt32LE(crc32(bytes.subarray(start, end)), at + lengthAt + 4);
    const last = start - 4;
    bytes.writeUInt32LE(crc32(bytes.subarray(at, last)), last);
    at = end;
  }
}
