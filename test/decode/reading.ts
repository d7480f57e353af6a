/** Decodes one message and shows the table as plain values, for tests to compare. */
import { createDecoder } from '../../src/decode/decode.js';
import { FieldFlag, Fields, type Zone } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import type { Feeds } from '../../src/stages.js';

/** 2026-11-24T10:00:00Z, unless a test says otherwise. */
export const receivedAtMs = Date.UTC(2026, 10, 24, 10);

export interface Reading {
  readonly fields: Fields;
  readonly counters: Counters;
  readonly isCef: boolean;
  readonly problem: number;
  /** By `Header`, as `Fields.header` gives them. */
  readonly header: readonly string[];
  /** What would be forwarded: key as spelled -> value, without superseded fields. */
  readonly ext: Readonly<Record<string, string>>;
  readonly message: string;
  readonly host: string;
  readonly app: string;
  readonly proc: string;
  readonly msgId: string;
  readonly sd: string;
  /** ISO 8601, '' if there is no event time. */
  readonly time: string;
  readonly zone: (typeof Zone)[keyof typeof Zone];
}

export interface ReadOptions {
  readonly maxFields?: number;
  readonly receivedAtMs?: number;
  readonly feeds?: Feeds;
}

/**
 * A decoder, its counters and its table, as one pipeline has them: all are used again and again.
 * Each message is also read as the second frame of a buffer, which takes another path, and must
 * read the same.
 */
export function reader(options: ReadOptions = {}): (message: string | Buffer) => Reading {
  const at = options.receivedAtMs ?? receivedAtMs;
  const maxFields = options.maxFields ?? 512;
  const [fields, counters] = [new Fields(maxFields), new Counters()];
  const [again, uncounted] = [new Fields(maxFields), new Counters()];
  const withFeeds = options.feeds === undefined ? {} : { feeds: options.feeds };
  const decode = createDecoder({ counters, ...withFeeds });
  const decodeAgain = createDecoder({ counters: uncounted, ...withFeeds });
  const peer = { address: '192.0.2.1' };
  return (message) => {
    const bytes = typeof message === 'string' ? Buffer.from(message) : message;
    const { length } = bytes;
    decode(bytes, 0, length, length, at, peer, fields);
    for (let i = 0; i < 2; i++) decodeAgain(bytes, 0, length, length, at, peer, again);
    const reading = show(fields, counters);
    assertSame(comparable(show(again, uncounted)), comparable(reading));
    return reading;
  };
}

/** One message through a decoder of its own. */
export function read(message: string | Buffer, options: ReadOptions = {}): Reading {
  return reader(options)(message);
}

export function show(fields: Fields, counters: Counters): Reading {
  const text = (start: number, end: number): string => fields.bytes.toString('utf8', start, end);
  const time = fields.eventTimeMs;
  return {
    fields,
    counters,
    isCef: fields.isCef,
    problem: fields.problem,
    header: [0, 1, 2, 3, 4, 5, 6].map((which) => fields.header(which)),
    ext: extension(fields),
    message: text(fields.messageStart, fields.messageEnd),
    host: text(fields.hostStart, fields.hostEnd),
    app: text(fields.appStart, fields.appEnd),
    proc: text(fields.procStart, fields.procEnd),
    msgId: text(fields.msgIdStart, fields.msgIdEnd),
    sd: text(fields.sdStart, fields.sdEnd),
    time: Number.isNaN(time) ? '' : new Date(time).toISOString(),
    zone: fields.zone as Reading['zone'],
  };
}

function extension(fields: Fields): Record<string, string> {
  const ext: Record<string, string> = Object.create(null);
  for (let i = 0; i < fields.count; i++) {
    if ((fields.flags[i]! & FieldFlag.superseded) !== 0) continue;
    const key = fields.key(i);
    if (key in ext) throw new Error(`${key} would be forwarded twice`);
    ext[key] = fields.value(i);
  }
  return ext;
}

/** CEF with a plain header and this extension. */
export function withExtension(text: string): string {
  return `CEF:0|Acme|Gate|1.0|100|Page seen|3|${text}`;
}

/** All that a table says of one frame, without where in its buffer it says so. */
export function comparable({ fields, counters, ...reading }: Reading): object {
  return {
    ...reading,
    flags: [...fields.flags.subarray(0, fields.count)],
    ids: [...fields.keyId.subarray(0, fields.count)],
    duplicates: fields.duplicates,
    repaired: fields.repaired,
    pri: fields.pri,
  };
}

/** Cheaper than an assertion where it is made thousands of times. */
export function assertSame(seen: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(seen), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${is}\nshould be\n${should}`);
}
