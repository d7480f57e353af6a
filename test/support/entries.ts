/** Forward entries and batches made by an independent MessagePack library. */
import { decodeMulti, ExtData, encode } from '@msgpack/msgpack';
import type { Batch } from '../../src/stages.js';

/** `[EventTime, record]` (Forward Protocol Specification v1: ext type 0, seconds and nanoseconds). */
export function entry(record: object, epochMs = 1_700_000_000_000): Buffer {
  const time = Buffer.alloc(8);
  time.writeUInt32BE(Math.floor(epochMs / 1000), 0);
  time.writeUInt32BE((epochMs % 1000) * 1_000_000, 4);
  return Buffer.from(encode([new ExtData(0, time), record]));
}

export function entriesIn(bytes: Uint8Array): unknown[] {
  return [...decodeMulti(bytes)].map((entry) => (entry as [unknown, unknown])[1]);
}

export function batchOf(events: readonly object[], alerts: readonly object[] = []): Batch {
  const eventBytes = Buffer.concat(events.map((record) => entry(record)));
  return {
    entries: Buffer.concat([eventBytes, ...alerts.map((record) => entry(record))]),
    alertsAt: eventBytes.length,
    observations: Buffer.alloc(0),
    eventCount: events.length,
    alertCount: alerts.length,
    oldestMs: 1_700_000_000_000,
  };
}

/** `count` records with consecutive numbers from `from`, each entry about `bytes` long. */
export function numbered(from: number, count: number, bytes = 100): { n: number; pad: string }[] {
  const pad = 'x'.repeat(Math.max(0, bytes - 30));
  return Array.from({ length: count }, (_, i) => ({ n: from + i, pad }));
}
