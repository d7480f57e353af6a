/** The workload as a socket hands it over: pieces of 64 KiB, and where the frames lie in them. */
import { workload } from '../workload.js';

/** What libuv reads at a time. */
const chunkBytes = 64 * 1024;

export interface Chunk {
  readonly bytes: Buffer;
  /** Frame n is `bytes[starts[n], ends[n])`, without its newline. Frames that a border cuts are left out. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export interface Chunks {
  readonly list: readonly Chunk[];
  /** Whole frames in all of them. */
  readonly frames: number;
}

/** @param keep which lines are in it */
export function chunksOf(options: {
  lines: number;
  seed: number;
  nowMs: number;
  keep?: (line: string) => boolean;
}): Chunks {
  const { lines } = workload(options.lines, options.seed, options.nowMs);
  const all = Buffer.from(lines.filter(options.keep ?? (() => true)).join(''));
  const list: Chunk[] = [];
  for (let at = 0; at + chunkBytes <= all.length; at += chunkBytes) {
    // Memory of its own, as each read of a socket has.
    const bytes = Buffer.allocUnsafeSlow(chunkBytes);
    all.copy(bytes, 0, at, at + chunkBytes);
    list.push({ bytes, ...framesIn(bytes) });
  }
  return { list, frames: list.reduce((sum, { starts }) => sum + starts.length, 0) };
}

export function isJpeg(line: string): boolean {
  return line.includes('fileType=Jpeg Files');
}

function framesIn(bytes: Buffer): Pick<Chunk, 'starts' | 'ends'> {
  const starts: number[] = [];
  const ends: number[] = [];
  let start = bytes.indexOf(10) + 1;
  for (let end = bytes.indexOf(10, start); end >= 0; end = bytes.indexOf(10, start)) {
    starts.push(start);
    ends.push(end);
    start = end + 1;
  }
  return { starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
}
