/** What the records say of a scanned folder: how far it was delivered, what is left, where it ends. */
import type { StoredBatch } from '../stages.js';
import { BlockPool } from './block-pool.js';
import type { Folder } from './folder.js';
import { eventsIn } from './record.js';
import { RecordReader } from './record-reader.js';
import type { SpoolScan } from './scan.js';
import type { Segment } from './segment-log.js';

/** How far everything has been delivered: by the cursor, else nothing of what is there. */
export function deliveredOf({ cursor, segments }: Pick<SpoolScan, 'cursor' | 'segments'>): {
  readonly acked: number;
  readonly ackedEvents: number;
} {
  if (cursor !== null) return cursor;
  const [first] = segments;
  return { acked: (first?.firstSeq ?? 1) - 1, ackedEvents: first?.eventsBefore ?? 0 };
}

/** The segments that hold a batch that is not acked, or damage where one may have been. */
export function backlogOf({ segments }: SpoolScan, tail: Tail, acked: number): Segment[] {
  return segments.filter((segment, index) => {
    const next = segments[index + 1];
    if (next !== undefined) return next.firstSeq > acked + 1;
    return tail.seq > acked || segment.firstSeq > acked || tail.damagedBehind;
  });
}

export interface Tail {
  /** Of the last record that can be read; 0 without any. */
  readonly seq: number;
  /** Events in all records up to it. */
  readonly events: number;
  /** Bytes lie behind it that are no record. */
  readonly damagedBehind: boolean;
}

/** Reads the newest segment that holds a record, to its last one. Damage is passed over without a word. */
export async function readTail(folder: Folder, { segments }: SpoolScan): Promise<Tail> {
  for (const segment of segments.toReversed()) {
    let tail: Tail | null = null;
    let damage = 0;
    let damageAtTail = 0;
    try {
      for await (const { seq, eventsUpTo } of recordsOf(folder, [segment], () => damage++)) {
        tail = { seq, events: eventsUpTo, damagedBehind: false };
        damageAtTail = damage;
      }
    } catch {
      // It is read again when its turn comes.
      damage++;
    }
    if (tail !== null) return { ...tail, damagedBehind: damage > damageAtTail };
  }
  return { seq: 0, events: 0, damagedBehind: false };
}

/** A batch whose bytes are valid until the next one is asked for. */
export interface ScannedRecord extends StoredBatch {
  readonly recordBytes: number;
  /** Events in it, under both tags. */
  readonly events: number;
  /** In all records up to and including this one. */
  readonly eventsUpTo: number;
}

/** All records of the segments that can be read, in order. Damage is passed over. */
export async function* recordsOf(
  folder: Folder,
  segments: readonly Segment[],
  onDamage: () => void = () => {},
): AsyncGenerator<ScannedRecord> {
  const [first] = segments;
  if (first === undefined) return;
  const pool = new BlockPool();
  const next = (segment: Segment) => segments[segments.indexOf(segment) + 1] ?? null;
  const reader = new RecordReader({ folder, pool, next, onDamage, onMissing: () => {} }, first);
  try {
    for (;;) {
      const batches = await reader.read();
      if (batches.length === 0) return;
      for (const { block, ...batch } of batches) {
        yield { ...batch, events: eventsIn(batch) };
        pool.release(block);
      }
    }
  } finally {
    await reader.close();
  }
}
