/**
 * A process that appends to a spool until it is killed, for kill.test.ts. Each line says what is done when
 * it is written; a line goes to the kernel at once.
 *
 *     node appending-child.js DIRECTORY RUN
 *     +SEQ      appended          -SEQ     is about to be acked          =SEQ   acked
 */
import { writeSync } from 'node:fs';
import { DiskFolder } from '../../src/spool/folder.js';
import { randomOf } from '../support/random.js';
import { contentOf } from './killed-content.js';
import { batchOf, opened } from './opened-spool.js';

const [directory, run] = [process.argv[2]!, Number(process.argv[3])];
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
  if (random() < 0.02) ackSome();
  if (random() < 0.02) spool.cover(spool.ackedSeq);
  if (random() < 0.1) await new Promise(setImmediate);
}

/** Only what can be read can have been delivered. */
function ackSome(): void {
  let upTo = spool.ackedSeq;
  for (let left = random() * 150; left > 0; left--) upTo = spool.after(upTo)?.seq ?? upTo;
  if (upTo === spool.ackedSeq) return;
  say(`-${upTo}`);
  spool.ack(upTo);
  say(`=${upTo}`);
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
