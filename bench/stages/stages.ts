/**
 * The stages of the hot path, each as a function that takes all frames of some chunks through it, and its cost
 * budget: what it may cost per event in parses of the bare loop (`bare-parse.ts`), measured in the same run. A
 * stage that needs what an earlier one fills is measured with it, and the earlier one's cost is taken off.
 */
import { OpenBatch } from '../../src/batch/open-batch.js';
import { loadConfig } from '../../src/config/load.js';
import { createDecoder } from '../../src/decode/decode.js';
import { createDetector } from '../../src/detect/detector.js';
import { compileExclusions } from '../../src/detect/exclusions/exclusions.js';
import { Repeats } from '../../src/detect/repeats/repeats.js';
import { createForwardEncoder } from '../../src/encode/forward-entry.js';
import { createFeeds } from '../../src/feeds/feeds.js';
import { Fields } from '../../src/fields.js';
import { StreamFramer } from '../../src/framing/stream-framer.js';
import { Counters, OutputCounters } from '../../src/observe/counters.js';
import { EventPath } from '../../src/pipeline/event-path.js';
import { Lane } from '../../src/pipeline/lane.js';
import { makeBaselines } from '../../src/pipeline/open-detection.js';
import { MemorySpool } from '../../src/spool/memory-spool.js';
import { Verdict } from '../../src/verdict.js';
import { fillBaseline } from '../filled-baseline.js';
import { parse, takeEntries } from './bare-parse.js';
import type { Chunk, Chunks } from './chunks.js';

const batchBytes = 64 * 1024;
const maxMessageBytes = 64 * 1024;

export interface Stage {
  readonly name: string;
  /** Takes every frame of the chunk through it. */
  readonly run: (chunk: Chunk) => void;
  /** Measured with this stage, whose cost is taken off. */
  readonly after?: string;
  readonly chunks: Chunks;
  /** In parses of the bare loop; null: what others are measured against. */
  readonly budget: number | null;
}

/** @param inputs.path an empty folder for the baseline */
export async function makeStages(inputs: {
  path: string;
  nowMs: number;
  mixed: Chunks;
  others: Chunks;
  jpegs: Chunks;
}): Promise<readonly Stage[]> {
  const { mixed, others, jpegs, nowMs } = inputs;
  await fillBaseline(inputs.path, nowMs);
  const config = loadConfig({
    text: `baseline: { path: ${JSON.stringify(inputs.path)} }\nspool: { path: false }`,
    env: {},
  });
  const counters = new Counters();
  const feeds = createFeeds({ feeds: [], feedProfiles: true });
  const baselines = makeBaselines(config, counters);
  await baselines.download!.open(Math.floor(nowMs / 3_600_000));
  const decode = createDecoder({ counters, feeds });
  const detector = createDetector({
    detection: config.detection,
    exclusions: compileExclusions([]).exclusions,
    feeds,
    baselines,
    repeats: new Repeats({ suppress: config.detection.suppress, counters }),
    counters,
  });
  const encoder = createForwardEncoder({ raw: 'never', feeds, counters });
  const batch = new OpenBatch({
    ...{ encoder, maxMessageBytes, closeAtBytes: batchBytes },
    ...{ only: 'all' as const, observes: true },
  });
  const spool = new MemorySpool({ maxBytes: 64 * 1024 * 1024 });
  spool.onReadable = () => spool.ack(spool.lastSeq);
  const { maxFields } = config.listen;
  const lanes = [new Lane({ batch, spool, counters: new OutputCounters() })];
  const path = new EventPath({ maxFields, decode, detector, lanes });
  const fields = new Fields(maxFields);
  const verdict = new Verdict();
  const peer = { address: '10.0.0.7' };
  const framer = new StreamFramer({ maxMessageBytes, sink: path, peer, counters });
  const justFrames = new StreamFramer({
    maxMessageBytes,
    sink: { frame: () => {} },
    peer,
    counters,
  });
  const out = Buffer.allocUnsafe(encoder.maxEntryBytes(maxMessageBytes));

  const eachFrame =
    (work: (bytes: Buffer, start: number, end: number) => void) =>
    ({ bytes, starts, ends }: Chunk): void => {
      for (let i = 0; i < starts.length; i++) work(bytes, starts[i]!, ends[i]!);
    };
  const decoded = (bytes: Buffer, start: number, end: number): void =>
    decode(bytes, start, end, end - start, nowMs, peer, fields);

  return [
    {
      name: 'bare parse',
      run: (chunk) => {
        eachFrame(parse)(chunk);
        takeEntries();
      },
      chunks: mixed,
      budget: null,
    },
    {
      name: 'framing',
      run: ({ bytes }) => justFrames.push(bytes, nowMs),
      chunks: mixed,
      budget: 0.08,
    },
    { name: 'decode', run: eachFrame(decoded), chunks: mixed, budget: 0.55 },
    {
      name: 'judge, no JPEG',
      run: eachFrame((bytes, start, end) => {
        decoded(bytes, start, end);
        verdict.clear();
        detector.judge(fields, verdict);
      }),
      after: 'decode',
      chunks: others,
      budget: 0.2,
    },
    {
      name: 'judge, JPEG',
      run: eachFrame((bytes, start, end) => {
        decoded(bytes, start, end);
        verdict.clear();
        detector.judge(fields, verdict);
      }),
      after: 'decode',
      chunks: jpegs,
      budget: 1.3,
    },
    {
      name: 'encode',
      run: eachFrame((bytes, start, end) => {
        decoded(bytes, start, end);
        verdict.clear();
        encoder.entry(fields, verdict, out, 0);
      }),
      after: 'decode',
      chunks: mixed,
      budget: 0.6,
    },
    {
      name: 'whole path, memory spool',
      run: ({ bytes }) => framer.push(bytes, nowMs),
      chunks: mixed,
      budget: 1.4,
    },
  ];
}
