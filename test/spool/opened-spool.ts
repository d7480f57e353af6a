/** A spool on disk with what its tests look at, and batches whose content follows from their numbers. */
import { OutputCounters } from '../../src/observe/counters.js';
import type { DiskSpool } from '../../src/spool/disk-spool.js';
import type { Folder } from '../../src/spool/folder.js';
import { type OpenSpoolOptions, openSpool } from '../../src/spool/open-spool.js';
import type { Batch, StoredBatch } from '../../src/stages.js';
import { keptLog } from '../support/kept-log.js';

export async function opened(folder: Folder, options: Partial<OpenSpoolOptions> = {}) {
  const counters = new OutputCounters();
  const { log, lines } = keptLog();
  const found = await openSpool({
    maxBytes: 40_000,
    whenFull: 'block',
    sync: 'none',
    syncIntervalMs: 500,
    retryMs: 1,
    counters,
    log,
    freeBytes: async () => null,
    ...options,
    folder,
  });
  return { ...found, counters, lines };
}

export function batchOf(entries: Buffer | string, observations = ''): Batch {
  const bytes = Buffer.from(entries as string);
  return {
    entries: bytes,
    alertsAt: bytes.length,
    observations: Buffer.from(observations),
    eventCount: 1,
    alertCount: 0,
    oldestMs: 1,
  };
}

/** Reads and acks all that is there, in order; what it reads, as copies. */
export async function drain(
  spool: DiskSpool,
  onBatch: (batch: StoredBatch) => void = () => {},
): Promise<{ seq: number; text: string }[]> {
  const read: { seq: number; text: string }[] = [];
  const endMs = Date.now() + 60_000;
  while (spool.batches > 0) {
    const batch = spool.after(spool.ackedSeq);
    if (batch !== null) {
      onBatch(batch);
      read.push({ seq: batch.seq, text: String(batch.entries) });
      spool.ack(batch.seq);
    } else if (Date.now() > endMs) {
      throw new Error(`nothing is read, and ${spool.batches} batches are left`);
    } else {
      await new Promise(setImmediate);
    }
  }
  return read;
}
