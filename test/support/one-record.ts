/** What holds for the record of any frame whatever, from decode to spool. */
import { isDeepStrictEqual } from 'node:util';
import { expectedRecord } from './expected-record.js';
import { type Decoded, decodeOne } from './msgpack.js';
import type { WholePath } from './whole-path.js';

export type Record = { [key: string]: Decoded };

/**
 * Puts one frame through and returns its record, `event_id` left out. Throws unless it is exactly one, in
 * canonical MessagePack, and what plain code makes of the table and the verdict: every reserved name in it
 * is then what stegwatch said.
 */
export function oneRecord(path: WholePath, frame: Buffer, receivedAtMs: number): Record {
  const events = path.counters.events;
  path.frame(frame, receivedAtMs);
  const { batches, entries } = path.take();
  const { fields, verdict, counters } = path;
  must(counters.events === events + 1, 'not one event');
  const forwarded = batches.reduce((sum, batch) => sum + batch.eventCount + batch.alertCount, 0);
  must(forwarded === 1, `${forwarded} records`);
  const [, record] = decodeOne(entries) as [Decoded, Record];
  must(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(String(record.event_id)), 'no event id of ours');
  delete record.event_id;
  const { raw, names, resolveLabels } = path.config.forward.fluentd;
  const expected = expectedRecord(fields, verdict, raw, { names, resolveLabels });
  must(isDeepStrictEqual(record, expected), () => difference(record, expected));
  must(Object.keys(Object.prototype).length === 0, 'a prototype has been touched');
  return record;
}

function difference(record: object, expected: object): string {
  const text = (value: object) => JSON.stringify(value).slice(0, 3000);
  return `${text(record)}\nshould be\n${text(expected)}`;
}

function must(holds: boolean, words: string | (() => string)): asserts holds {
  if (!holds) throw new Error(typeof words === 'string' ? words : words());
}
