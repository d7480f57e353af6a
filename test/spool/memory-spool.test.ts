import t from 'tap';
import { MemorySpool } from '../../src/spool/memory-spool.js';
import type { Batch } from '../../src/stages.js';
import { spoolContract } from '../contract/spool.contract.js';

spoolContract(t, 'memory spool', (_t, maxBytes) => new MemorySpool({ maxBytes }));

t.test('many tiny batches fill it too: what each costs beside its bytes counts', async (t) => {
  const spool = new MemorySpool({ maxBytes: 1024 * 1024 });
  for (let i = 0; i < 4000 && !spool.full; i++) spool.append(tiny());
  t.equal(spool.full, true);
});

t.test('it goes on reading again at three quarters', async (t) => {
  const spool = new MemorySpool({ maxBytes: 100_000 });
  while (!spool.full) spool.append(tiny());
  let acked = 0;
  while (spool.full) spool.ack(++acked);
  t.ok(spool.bytes <= 75_000, `${spool.bytes}`);
  t.ok(spool.bytes > 74_000, `${spool.bytes}`);
});

function tiny(): Batch {
  return {
    entries: Buffer.from('tiny'),
    alertsAt: 4,
    observations: Buffer.alloc(0),
    eventCount: 1,
    alertCount: 0,
    oldestMs: 1,
  };
}
