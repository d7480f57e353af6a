/** One datagram is one frame (RFC 5426 3.1). */
import type { Counters } from '../observe/counters.js';
import type { FrameSink, Peer } from '../stages.js';
import { withoutDelimiter } from './delimiter.js';
import { countHeader, countValue } from './frame-start.js';

export interface DatagramOptions {
  readonly maxMessageBytes: number;
  readonly sink: FrameSink;
  readonly counters: Counters;
}

/**
 * Hands the datagram in `bytes[0, size)` to the sink without a trailing delimiter, and without an octet count, which some
 * senders put in front even here; it is taken off only if it counts exactly what follows.
 */
export function frameDatagram(
  bytes: Buffer,
  size: number,
  receivedAtMs: number,
  peer: Peer,
  { maxMessageBytes, sink, counters }: DatagramOptions,
): void {
  const end = withoutDelimiter(bytes, 0, size);
  const start = exactCount(bytes, end, size);
  const length = end - start;
  if (length === 0) {
    counters.frames_skipped_empty++;
    return;
  }
  counters.received_frames++;
  const kept = Math.min(length, maxMessageBytes);
  if (kept < length) counters.frames_truncated++;
  sink.frame(bytes, start, start + kept, length, receivedAtMs, peer);
}

/** Length of an octet count that counts to `end` or to the end of the datagram, else 0. */
function exactCount(bytes: Buffer, end: number, size: number): number {
  const header = countHeader(bytes, 0, size, false);
  if (header <= 0) return 0;
  const counted = header + countValue(bytes, 0);
  return counted === end || counted === size ? header : 0;
}
