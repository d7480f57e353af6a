/** Runs a stream, cut at given places, through a StreamFramer and says all that came of it. */
import { StreamFramer } from '../../src/framing/stream-framer.js';
import { Counters } from '../../src/observe/counters.js';
import { RecordingSink } from './recording-sink.js';

export interface Framed {
  readonly texts: string[];
  readonly originalLengths: number[];
  readonly truncated: number;
  readonly empty: number;
  readonly resyncs: number;
}

export function framed(
  stream: Buffer,
  cuts: readonly number[] = [],
  maxMessageBytes = 65536,
): Framed {
  const sink = new RecordingSink();
  const counters = new Counters();
  const framer = new StreamFramer({ maxMessageBytes, sink, counters, peer: { address: '-' } });
  let from = 0;
  for (const cut of [...cuts, stream.length]) {
    framer.push(Buffer.from(stream.subarray(from, cut)), 0);
    from = cut;
  }
  framer.end(0);
  if (counters.received_frames !== sink.frames.length) throw new Error('frames are miscounted');
  return {
    texts: sink.texts,
    originalLengths: sink.frames.map((frame) => frame.originalLength),
    truncated: counters.frames_truncated,
    empty: counters.frames_skipped_empty,
    resyncs: counters.framing_resyncs,
  };
}

/** `MSG-LEN SP MSG` (RFC 6587 3.4.1). */
export function counted(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`;
}
