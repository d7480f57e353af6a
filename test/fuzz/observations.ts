/** The observations of a batch: what is read back is whole, or a RangeError says where it is not. */
import {
  type Observation,
  readObservations,
  writeObservation,
} from '../../src/batch/observation.js';
import { type FuzzTarget, must } from './target.js';

export function observations(): FuzzTarget {
  const hosts = ['', 'a.example', 'ü😀.example', 'x'.repeat(300)];
  const seeds = [1, 3, 40].map((count) => made(hosts, count));
  return {
    name: 'observations',
    seeds,
    tokens: [Buffer.alloc(15), seeds[0]!],
    inputs: 1000,
    check,
  };
}

function made(hosts: readonly string[], count: number): Buffer {
  const out = Buffer.alloc(count * 1000);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const host = hosts[i % hosts.length]!;
    at = writeObservation(out, at, 500_000 + i, i * 1000, i % 2 ? 'upload' : 'download', host);
  }
  return out.subarray(0, at);
}

function check(bytes: Buffer): void {
  const read: Observation[] = [];
  try {
    for (const observation of readObservations(bytes)) read.push(observation);
  } catch (error) {
    must(error instanceof RangeError, `${error}`);
  }
  must(read.length <= bytes.length / 15, `${read.length} observations in ${bytes.length} bytes`);
  for (const { direction } of read)
    must(direction === 'download' || direction === 'upload', direction);
}
