/**
 * The far end: counts what arrives. The parent asks for counts by message.
 *
 *     node build/bench/sink.js '{"mode":"forward"}'     Forward messages, acked where an ack is wanted
 *                                     "lines"           lines, from programs that copy or write JSON
 *                                     "entries"         MessagePack entries without an envelope (the bare loop)
 */
import { createServer, type Socket } from 'node:net';
import { type ForwardChunk, ForwardChunks } from './measure/forward-chunks.js';
import { MillisecondHistogram } from './measure/statistics.js';

export interface SinkSettings {
  readonly mode: 'forward' | 'lines' | 'entries';
}

export interface SinkCounts {
  readonly events: number;
  readonly bytes: number;
  /** Epoch, ms; 0 before anything has come. */
  readonly lastArrivalMs: number;
  /** Since the last `resetLatency`; ms; null where records tell no time of receipt. */
  readonly latency: { readonly p50: number; readonly p99: number } | null;
}

export type SinkCommand = { readonly kind: 'counts' | 'resetLatency' };

/** Samples a chunk, evenly over its bytes: more would cost the machine what the other process needs. */
const samples = 8;
const maxLatencyMs = 60_000;
/** `received_at` as a key, then the head of a text of 24 bytes. */
const receivedAt = Buffer.from([0xab, ...Buffer.from('received_at'), 0xb8]);
const stampBytes = 24;
const ackHead = Buffer.from([0x81, 0xa3, 0x61, 0x63, 0x6b]);
/** Array of two, then an EventTime (fixext 8 of type 0). No text of the workload holds these bytes. */
const entryHead = Buffer.from([0x92, 0xd7, 0x00]);

const { mode } = JSON.parse(process.argv[2]!) as SinkSettings;
const latency = new MillisecondHistogram(maxLatencyMs);
let events = 0;
let bytes = 0;
let lastArrivalMs = 0;

const server = createServer((socket: Socket) => {
  socket.on('error', () => {});
  const take = takerOf(socket);
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    lastArrivalMs = Date.now();
    take(chunk);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.send!((server.address() as { port: number }).port);
});
process.on('message', (command: SinkCommand) => {
  if (command.kind === 'resetLatency') latency.reset();
  const p50 = latency.percentile(50);
  const counts: SinkCounts = {
    events,
    bytes,
    lastArrivalMs,
    latency: p50 === null ? null : { p50, p99: latency.percentile(99)! },
  };
  process.send!(counts);
});
process.on('disconnect', () => process.exit());

function takerOf(socket: Socket): (chunk: Buffer) => void {
  if (mode === 'lines') {
    return (chunk) => {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) events++;
    };
  }
  if (mode === 'entries') return entryCounter();
  const chunks = new ForwardChunks((chunk) => {
    events += chunk.size;
    noteLatency(chunk);
    if (chunk.chunkId) socket.write(Buffer.concat([ackHead, chunk.chunkId]));
  });
  return (chunk) => chunks.push(chunk);
}

/** Also where the head of an entry is cut in two. */
function entryCounter(): (chunk: Buffer) => void {
  let last: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const seam = Buffer.concat([last, chunk.subarray(0, entryHead.length - 1)]);
    if (seam.indexOf(entryHead) >= 0) events++;
    for (let at = chunk.indexOf(entryHead); at >= 0; at = chunk.indexOf(entryHead, at + 1)) {
      events++;
    }
    last = Buffer.concat([last, chunk.subarray(-(entryHead.length - 1))]).subarray(
      -(entryHead.length - 1),
    );
  };
}

/** From `received_at` to now, when the chunk is all there and about to be acked. */
function noteLatency({ bytes: b, entriesStart, entriesEnd, size }: ForwardChunk): void {
  const now = Date.now();
  for (let i = 0; i < samples; i++) {
    const from = entriesStart + Math.floor(((entriesEnd - entriesStart) * i) / samples);
    const at = b.indexOf(receivedAt, from);
    if (at < 0 || at >= entriesEnd) return;
    const start = at + receivedAt.length;
    const ms = Date.parse(b.toString('latin1', start, start + stampBytes));
    if (Number.isFinite(ms)) latency.add(now - ms, size / samples);
  }
}
