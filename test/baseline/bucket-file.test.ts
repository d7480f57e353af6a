/**
 * Goal: a crash at any byte loses that checkpoint and nothing else; anything else that is wrong is
 * damage and never taken for data. Method: files of three checkpoints, cut and flipped everywhere.
 */
import fc from 'fast-check';
import t from 'tap';
import {
  type BucketFile,
  type BucketFileContent,
  type BucketIdentity,
  type BucketState,
  decodeHosts,
  encodeCheckpoint,
  encodeIdentity,
  formatVersion,
  type HostBlock,
  readBucketFile,
} from '../../src/baseline/bucket-file.js';
import { encodeHosts } from '../support/encode-hosts.js';

const identity: BucketIdentity = { hour: 500_000, direction: 'download', fingerprint: 'f1' };

function stateOf(tail: number[], observations = 4098 + tail.length, sealed = false): BucketState {
  const sizes = {
    means: Float64Array.of(1.5, 1e300),
    counts: Float64Array.of(2, 4096),
    tail: Float64Array.from(tail),
  };
  return { through: { journal: '0123456789abcdef', seq: 7 }, sealed, observations, sizes };
}

async function checkpoint(state: BucketState, hosts: string[]): Promise<Buffer> {
  return Buffer.concat(await encodeCheckpoint(state, encodeHosts(hosts)));
}

async function hostsOf(file: BucketFile): Promise<string[]> {
  const hosts: string[] = [];
  for (const block of file.hosts) await decodeHosts(block, (host) => hosts.push(host));
  return hosts;
}

function whole(content: BucketFileContent): BucketFile {
  if (content.kind !== 'bucket') throw new Error(`read as ${content.kind}`);
  return content;
}

/** Three checkpoints and where each ends. */
async function threeCheckpoints(): Promise<{ bytes: Buffer; ends: number[] }> {
  const start = encodeIdentity(identity);
  const sections = [
    await checkpoint(stateOf([10]), ['a.example', 'b.example']),
    await checkpoint(stateOf([10, 20]), []),
    await checkpoint(stateOf([10, 20, 30]), ['ü.example']),
  ];
  const ends = [start.length];
  for (const section of sections) ends.push(ends.at(-1)! + section.length);
  return { bytes: Buffer.concat([start, ...sections]), ends };
}

t.test('what was written is read: the last state, all hosts', async (t) => {
  const { bytes } = await threeCheckpoints();
  const file = whole(await readBucketFile(bytes));
  t.strictSame(file.identity, identity);
  t.strictSame(file.state, stateOf([10, 20, 30]));
  t.strictSame(await hostsOf(file), ['a.example', 'b.example', 'ü.example']);
  t.equal(file.end, bytes.length);
  t.equal(file.tornBytes, 0);
});

t.test('any state and any hosts come back as they were', async (t) => {
  const doubles = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 20 });
  const host = fc.string({ unit: 'grapheme', maxLength: 60 });
  const written = fc.record({
    means: doubles.map((list) => list.sort((a, b) => a - b)),
    tail: doubles,
    // One more is a place in a journal, which must be a safe integer.
    observations: fc.integer({ min: 230, max: Number.MAX_SAFE_INTEGER - 1 }),
    sealed: fc.boolean(),
    journaled: fc.boolean(),
    hosts: fc.array(host, { maxLength: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(written, async ({ means, tail, observations, sealed, hosts, journaled }) => {
      const sizes = {
        means: Float64Array.from(means),
        counts: Float64Array.from(means, (_, i) => i + 1),
        tail: Float64Array.from(tail),
      };
      const through = journaled ? { journal: '0123456789abcdef', seq: observations + 1 } : null;
      const state = { through, sealed, observations, sizes };
      const bytes = Buffer.concat([encodeIdentity(identity), await checkpoint(state, hosts)]);
      const file = whole(await readBucketFile(bytes));
      t.strictSame(file.state, state);
      t.strictSame(await hostsOf(file), hosts);
    }),
    { numRuns: 60 },
  );
});

t.test('more hosts than fit one slice are all written and read', async (t) => {
  const hosts = Array.from({ length: 10_000 }, (_, i) => `host-${i}.example`);
  const bytes = Buffer.concat([encodeIdentity(identity), await checkpoint(stateOf([]), hosts)]);
  t.strictSame(await hostsOf(whole(await readBucketFile(bytes))), hosts);
});

t.test('while very many hosts are counted, the loop has turns', async (t) => {
  // Short enough for the checksum to take no turn of its own.
  const hosts = Array.from({ length: 200_000 }, () => 'h');
  const bytes = Buffer.concat([encodeIdentity(identity), await checkpoint(stateOf([]), hosts)]);
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const file = whole(await readBucketFile(bytes));
  counting = false;
  t.ok(turns >= 3, `${turns} turns`);
  t.equal(file.hosts[0]?.count, 200_000);
});

t.test('cut at any byte of a checkpoint, everything before it is read', async (t) => {
  const { bytes, ends } = await threeCheckpoints();
  const tails = [[], [10], [10, 20], [10, 20, 30]];
  for (let cut = ends[0]!; cut < bytes.length; cut++) {
    const last = ends.filter((end) => end <= cut).length - 1;
    const file = whole(await readBucketFile(bytes.subarray(0, cut)));
    t.strictSame(file.state && [...file.state.sizes.tail], last === 0 ? null : tails[last]);
    t.equal(file.end, ends[last]);
    t.equal(file.tornBytes, cut - ends[last]!);
  }
});

t.test(
  'cut within its first section a file is damaged: it is made whole or not at all',
  async (t) => {
    const { bytes, ends } = await threeCheckpoints();
    for (let cut = 0; cut < ends[0]!; cut++) {
      t.equal((await readBucketFile(bytes.subarray(0, cut))).kind, 'damaged', `${cut} bytes`);
    }
  },
);

t.test('zeros after the last checkpoint are a torn one, however many', async (t) => {
  const { bytes } = await threeCheckpoints();
  for (const zeros of [1, 15, 16, 17, 5000]) {
    const file = whole(await readBucketFile(Buffer.concat([bytes, Buffer.alloc(zeros)])));
    t.equal(file.end, bytes.length);
    t.equal(file.tornBytes, zeros);
  }
});

t.test('a flipped bit before the last checkpoint is damage, never another value', async (t) => {
  const { bytes, ends } = await threeCheckpoints();
  const outcomes = new Set<string>();
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [0, 3, 7]) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << bit;
      const content = await readBucketFile(flipped);
      if (content.kind === 'bucket') {
        t.ok(at >= ends[2]! + 16, `byte ${at}: only the payload of the last one counts as torn`);
        t.equal(content.end, ends[2]);
        t.strictSame(content.state, stateOf([10, 20]));
      }
      outcomes.add(content.kind);
    }
  }
  t.strictSame([...outcomes].sort(), ['bucket', 'damaged']);
});

t.test('a newer format is recognised, whatever follows its first 16 bytes', async (t) => {
  const newer = encodeIdentity(identity, formatVersion + 1).subarray(0, 16);
  for (const rest of [Buffer.alloc(0), Buffer.from('something else entirely')]) {
    const content = await readBucketFile(Buffer.concat([newer, rest]));
    t.strictSame(content, { kind: 'newer', version: formatVersion + 1 });
  }
});

t.test('format 1 is read for ever: these bytes were written by the first version', async (t) => {
  const written =
    '53544547424b540a01000000299390720100000039000000f0f5f6912380758a7b22686f7572223a' +
    '3530303030302c22646972656374696f6e223a22646f776e6c6f6164222c2266696e676572707269' +
    '6e74223a226631227d020000003f000000036efdfc2271e68e000000000100000001000000020000' +
    '000000000000000840000000000000f83f00000000000000400000000000001c400900612e657861' +
    '6d706c650200c3bc';
  const file = whole(await readBucketFile(Buffer.from(written, 'hex')));
  t.strictSame(file.identity, identity);
  t.strictSame(file.state, {
    through: null,
    sealed: false,
    observations: 3,
    sizes: {
      means: Float64Array.of(1.5),
      counts: Float64Array.of(2),
      tail: Float64Array.of(7),
    },
  });
  t.strictSame(await hostsOf(file), ['a.example', 'ü']);
});

t.test('other files are damaged', async (t) => {
  const strangers = ['', 'hello', 'STEGBKT\n', '{"hour":1}', '\0'.repeat(100)];
  for (const text of strangers) {
    t.equal(
      (await readBucketFile(Buffer.from(text, 'latin1'))).kind,
      'damaged',
      JSON.stringify(text),
    );
  }
});

t.test('what never was written is damage, though its checksums fit', async (t) => {
  const sizes = {
    means: Float64Array.of(1, 2),
    counts: Float64Array.of(1, 1),
    tail: new Float64Array(0),
  };
  const states: Record<string, Partial<BucketState['sizes'] & { observations: number }>> = {
    'a size that is no number': { tail: Float64Array.of(Number.NaN) },
    'a size without end': { means: Float64Array.of(1, Number.POSITIVE_INFINITY) },
    'sizes out of order': { means: Float64Array.of(2, 1) },
    'a count of none': { counts: Float64Array.of(1, 0) },
    'half a count': { counts: Float64Array.of(1, 1.5) },
    'a count beyond whole numbers': { counts: Float64Array.of(1, 1e300) },
    'fewer observations than sizes': { observations: 1 },
    'observations that are no number': { observations: Number.NaN },
    'half an observation': { observations: 9.5 },
  };
  for (const [name, { observations = 9, ...wrong }] of Object.entries(states)) {
    const state = { through: null, sealed: false, observations, sizes: { ...sizes, ...wrong } };
    const bytes = Buffer.concat([encodeIdentity(identity), ...(await encodeCheckpoint(state, []))]);
    t.equal((await readBucketFile(bytes)).kind, 'damaged', name);
  }
  const [block] = encodeHosts(['a.example', 'b.example']);
  const hosts: Record<string, HostBlock> = {
    'one host fewer': { ...block!, count: 3 },
    'one host more': { ...block!, count: 1 },
    'a host that is cut': { count: 2, bytes: block!.bytes.subarray(0, -1) },
    'a byte too many': { count: 2, bytes: Buffer.concat([block!.bytes, Buffer.alloc(1)]) },
  };
  for (const [name, wrong] of Object.entries(hosts)) {
    const parts = await encodeCheckpoint(stateOf([1]), [wrong]);
    const bytes = Buffer.concat([encodeIdentity(identity), ...parts]);
    t.equal((await readBucketFile(bytes)).kind, 'damaged', name);
  }
});

t.test('any bytes at all give a result and no exception', async (t) => {
  const start = encodeIdentity(identity);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
      t.type((await readBucketFile(Buffer.from(noise))).kind, 'string');
      t.type((await readBucketFile(Buffer.concat([start, noise]))).kind, 'string');
    }),
    { numRuns: 200 },
  );
});
