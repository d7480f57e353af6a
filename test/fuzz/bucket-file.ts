/**
 * Mutated bucket files. Whatever the bytes: reading them does not throw; the baseline opens, with a notice
 * for all that is not used; judging and learning go on; and a fresh checkpoint loads without a notice.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeHosts,
  encodeCheckpoint,
  encodeIdentity,
  readBucketFile,
} from '../../src/baseline/bucket-file.js';
import { SizeDigest, seal, sealedState } from '../../src/baseline/size-digest.js';
import { makeBaseline, now } from '../baseline/make-baseline.js';
import { encodeHosts } from '../support/encode-hosts.js';
import { repairSections } from './checksums.js';
import { type FuzzTarget, must, tokensOf } from './target.js';

const hour = now - 30;
const name = `${new Date(hour * 3_600_000).toISOString().slice(0, 13)}.bucket`;
const tokens = [...tokensOf('STEGBKT\n', '{"hour":1}', 'download', 'null', '[]'), Buffer.alloc(16)];

export async function bucketFile(folder: string): Promise<FuzzTarget> {
  const repair = (bytes: Buffer): void => repairSections(bytes, 16, 4);
  const check = (bytes: Buffer): Promise<void> => checkFile(bytes, folder);
  return { name: 'bucket-file', seeds: await files(), tokens, inputs: 80, repair, check };
}

/** One, two and three checkpoints, open and sealed, with few sizes and with so many that they are digested. */
async function files(): Promise<Buffer[]> {
  const identity = encodeIdentity({ hour, direction: 'download', fingerprint: 'f1' });
  const made: Buffer[] = [identity];
  for (const sizes of [3, 5000]) {
    const parts = [identity];
    const digest = new SizeDigest();
    for (let n = 0; n < 3; n++) {
      for (let i = 0; i < sizes; i++) digest.add((i * 7919 * (n + 1)) % 100_003);
      const sealed = n === 2;
      const state = sealed ? sealedState(seal(digest.state())) : digest.state();
      const hosts = encodeHosts([`h${n}.example`, `ü${n}.example`, 'x'.repeat(n)]);
      const observations = digest.samples + 1;
      const through = n === 0 ? null : { journal: '0123456789abcdef', seq: n };
      parts.push(
        ...(await encodeCheckpoint({ through, sealed, observations, sizes: state }, hosts)),
      );
      made.push(Buffer.concat(parts));
    }
  }
  return made;
}

async function checkFile(bytes: Buffer, folder: string): Promise<void> {
  const content = await readBucketFile(bytes);
  if (content.kind === 'bucket') {
    for (const block of content.hosts) {
      let count = 0;
      await decodeHosts(block, () => count++);
      must(count === block.count, `${count} hosts, not ${block.count}`);
    }
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'download'), { recursive: true });
  writeFileSync(join(folder, 'download', name), bytes);
  const { baseline } = makeBaseline(folder);
  const { notices, buckets } = await baseline.open(now);
  must(notices.length === 1 || (content.kind === 'bucket' && content.tornBytes === 0), 'no notice');
  must(
    buckets === (content.kind === 'bucket' && content.state !== null ? 1 : 0) || notices.length > 0,
    'no bucket',
  );
  const { bytes: threshold, samples } = baseline.threshold(now);
  must(threshold === null || Number.isFinite(threshold), `threshold ${threshold}`);
  must(Number.isSafeInteger(samples) && samples >= 0, `${samples} samples`);
  baseline.learn(now, 5, 'new.example');
  baseline.learn(hour, 5, 'h0.example');
  baseline.learn(hour + 1, 5, 'h1.example');
  await baseline.upkeep(now);
  await baseline.checkpoint();
  const restarted = makeBaseline(folder).baseline;
  const again = await restarted.open(now);
  // Nothing is ever added to a sealed bucket, so what is torn behind one stays until it expires.
  const sealed = content.kind === 'bucket' && content.state?.sealed === true;
  const stays = sealed ? 'torn' : 'newer_format';
  const unexpected = again.notices.filter(({ what }) => what !== stays);
  must(unexpected.length === 0, unexpected[0]?.message ?? '');
  must(restarted.hostState('new.example', now) === 'pending', 'what was learned is not there');
  const after = restarted.threshold(now).bytes;
  must(after === null || Number.isFinite(after), `threshold ${after} after a restart`);
}
