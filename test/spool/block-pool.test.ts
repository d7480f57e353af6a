import fc from 'fast-check';
import t from 'tap';
import { type Block, BlockPool } from '../../src/spool/block-pool.js';

const mebibyte = 1024 * 1024;

t.test('pieces in use never share a byte', async (t) => {
  const step = fc.record({ bytes: fc.integer({ min: 0, max: 700_000 }), release: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pool = new BlockPool();
      const inUse: { block: Block; start: number; bytes: number }[] = [];
      for (const { bytes, release } of steps) {
        const { block, start } = pool.take(bytes);
        if (start < 0 || start + bytes > block.bytes.length) return false;
        const end = start + bytes;
        const shared = inUse.some(
          (p) => p.block === block && p.start < end && start < p.start + p.bytes,
        );
        if (shared) return false;
        inUse.push({ block, start, bytes });
        if (release) pool.release(inUse.shift()!.block);
      }
      return true;
    }),
    { numRuns: 200 },
  );
  t.pass('200 runs');
});

t.test('a steady flow goes on in the same few blocks', async (t) => {
  const pool = new BlockPool();
  const blocks = new Set<Block>();
  const inUse: Block[] = [];
  for (let i = 0; i < 1000; i++) {
    const { block } = pool.take(65_000);
    blocks.add(block);
    inUse.push(block);
    if (inUse.length > 40) pool.release(inUse.shift()!);
  }
  t.ok(blocks.size <= 5, `${blocks.size} blocks for 61 MiB`);
});

t.test('a piece larger than a block gets one of its own, which is not kept', async (t) => {
  const pool = new BlockPool();
  const large = pool.take(3 * mebibyte);
  t.equal(large.start, 0);
  t.equal(large.block.bytes.length, 3 * mebibyte);
  const next = pool.take(10);
  t.not(next.block, large.block);
  pool.release(large.block);
  for (let i = 0; i < 20; i++) t.not(pool.take(mebibyte).block, large.block);
});

t.test('what an outage needed is given back after it', async (t) => {
  const pool = new BlockPool();
  const blocks = Array.from({ length: 64 }, () => pool.take(mebibyte).block);
  for (const block of blocks) pool.release(block);
  const again = Array.from({ length: 64 }, () => pool.take(mebibyte).block);
  const reused = again.filter((block) => blocks.includes(block)).length;
  t.ok(reused >= 18 && reused <= 20, `${reused} of 64 were kept`);
});
