/** Who sends events writes into the spool's files what they like. Not even damage makes a record of it. */
import fc from 'fast-check';
import t from 'tap';
import { headerLength, markLength, writeHeader } from '../../src/spool/record.js';
import { encodePrefix, markOf, segmentName } from '../../src/spool/segment.js';
import type { Batch } from '../../src/stages.js';
import { MemoryFolder } from '../support/memory-folder.js';
import { batchOf, drain, opened } from './opened-spool.js';

const seed = Number(process.env.SEED ?? 20261124);
const numRuns = 300;
const bytes8 = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes));
const seqs = fc.integer({ min: 1, max: 60 });

/** All that is known of the format, with a spool number that is guessed. */
const forgery = fc.oneof(
  fc.record({ id: bytes8, seq: seqs, of: seqs }).map(({ id, seq, of }) => record(id, of, seq)),
  fc.record({ id: bytes8, seq: seqs }).map(({ id, seq }) => prefix(id, seq)),
  fc
    .record({ id: bytes8, seq: seqs })
    .map(({ id, seq }) =>
      Buffer.concat([prefix(id, seq), record(id, seq, seq), record(id, seq, seq + 1)]),
    ),
  bytes8.map((id) => markOf(id, 1)),
  fc.constant(Buffer.from('STEGSPL\n\x01\0')),
  fc.constant(Buffer.from(segmentName(1))),
  fc.integer({ min: 1, max: 700 }).map((size) => Buffer.alloc(size)),
);
const text = fc.array(forgery, { minLength: 1, maxLength: 6 }).map((parts) => Buffer.concat(parts));

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const damage = fc.record({
  kind: fc.constantFrom('flip', 'zero', 'noise', 'cut', 'head'),
  where: place,
  file: place,
  length: fc.integer({ min: 1, max: 3000 }),
});
type Damage = typeof damage extends fc.Arbitrary<infer D> ? D : never;

t.test('entries like records, next to damage: only what was appended comes back', async (t) => {
  t.comment(`SEED=${seed}`);
  const seen = { whole: 0, lost: 0 };
  const texts = fc.array(text, { minLength: 5, maxLength: 40 });
  const damages = fc.array(damage, { minLength: 0, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(texts, damages, fc.boolean(), async (entries, harm, noCursor) => {
      const folder = await filled(entries);
      for (const one of harm) apply(folder, one);
      if (noCursor) folder.files_.delete('cursor');
      const { spool, counters } = await opened(folder);
      const read = new Set<number>();
      await drain(spool, ({ seq, entries: found, observations }) => {
        const wanted = entries[seq - 1];
        if (wanted === undefined || !wanted.equals(found) || !wanted.equals(observations))
          throw new Error(`batch ${seq} was never appended`);
        if (read.has(seq)) throw new Error(`batch ${seq} comes twice`);
        read.add(seq);
      });
      const damaged = counters.spool_damaged_bytes > 0 || counters.spool_missing_events > 0;
      if (harm.length === 0 && (read.size < entries.length || damaged))
        throw new Error(`${read.size} of ${entries.length} without any damage`);
      if (read.size === entries.length) seen.whole++;
      else if (read.size > 0) seen.lost++;
      await spool.close();
    }),
    { numRuns, seed, includeErrorInReport: true },
  );
  t.ok(seen.whole > numRuns / 20, `${seen.whole} runs in which all was read`);
  t.ok(seen.lost > numRuns / 4, `${seen.lost} runs in which some was lost`);
});

t.test('who knows the number of the spool can forge: the test would notice', async (t) => {
  const folder = new MemoryFolder();
  const { spool } = await opened(folder);
  const id = Buffer.from(spool.id, 'hex');
  spool.append(batchOf('first'));
  spool.append(batchOf(record(id, 1, 7)));
  await spool.close();
  const found = folder.afterKill();
  // The header of the second one: behind the prefix and the first.
  found.files_.get(segmentName(1))!.content[40 + headerLength + 5 + 20]! ^= 1;
  const again = await opened(found);
  const read = await drain(again.spool);
  t.equal(read.at(-1)?.seq, 7);
  t.equal(read.at(-1)?.text, 'forged');
  await again.spool.close();
});

async function filled(texts: readonly Buffer[]): Promise<MemoryFolder> {
  const folder = new MemoryFolder();
  const { spool } = await opened(folder);
  for (const entries of texts)
    spool.append({ ...batchOf(entries), observations: Buffer.from(entries) });
  await spool.close();
  return folder.afterKill();
}

function apply(folder: MemoryFolder, { kind, where, file, length }: Damage): void {
  const names = [...folder.files_.keys()].filter((name) => name.endsWith('.segment'));
  const found = folder.files_.get(names[Math.floor(file * names.length)]!)!;
  const { content } = found;
  const at = Math.floor(where * content.length);
  if (content.length === 0) return;
  if (kind === 'flip') content[at]! ^= 1 + (length % 255);
  else if (kind === 'zero') content.fill(0, at, Math.min(content.length, at + length));
  else if (kind === 'cut') found.content = content.subarray(0, at);
  else if (kind === 'head') content.fill(0, 0, Math.min(at, length));
  else for (let i = at; i < Math.min(content.length, at + length); i++) content[i]! ^= i * 31 + 1;
}

function prefix(id: Buffer, seq: number): Buffer {
  return encodePrefix(markOf(id, seq), id, 0);
}

/** Whole and sound, in the segment that begins at `of`. */
function record(id: Buffer, of: number, seq: number): Buffer {
  const batch: Batch = batchOf('forged');
  const header = Buffer.alloc(headerLength);
  writeHeader(header, markOf(id, of).subarray(0, markLength), batch, seq, seq - 1);
  return Buffer.concat([header, batch.observations, batch.entries]);
}
