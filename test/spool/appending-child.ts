/** Appends to a spool until its process is killed, for kill.test.ts. */
import { writeSync } from 'node:fs';
import type { DiskSpool } from '../../src/spool/disk-spool.js';
import { DiskFolder } from '../../src/spool/folder.js';
import { randomOf } from '../support/random.js';
import { batchOf, opened } from './opened-spool.js';

/** What a batch holds. */
export function contentOf(run: number, seq: number): Buffer {
  return Buffer.alloc(1 + ((seq * 7919) % 20_000), `${run}:${seq};`);
}

/**
 * Each line says what has been done when it is written, and goes to the kernel at once.
 *
 *     +SEQ   appended          -SEQ   is about to be acked          =SEQ   acked
 */
export async function appendUntilKilled(directory: string, run: number): Promise<never> {
  const random = randomOf(run);
  const { spool } = await opened(new DiskFolder(directory), {
    maxBytes: 64 * 1024 * 1024,
    sync: 'interval',
    syncIntervalMs: 5,
  });
  for (;;) {
    const seq = spool.lastSeq + 1;
    spool.append(batchOf(contentOf(run, seq), `run ${run}`));
    say(`+${seq}`);
    if (random() < 0.02) ackSome(spool, random() * 150);
    if (random() < 0.02) spool.cover(spool.ackedSeq);
    if (random() < 0.1) await new Promise(setImmediate);
  }
}

/** Only what can be read can have been delivered. */
function ackSome(spool: DiskSpool, count: number): void {
  let upTo = spool.ackedSeq;
  for (let n = 0; n < count; n++) upTo = spool.after(upTo)?.seq ?? upTo;
  if (upTo === spool.ackedSeq) return;
  say(`-${upTo}`);
  spool.ack(upTo);
  say(`=${upTo}`);
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
