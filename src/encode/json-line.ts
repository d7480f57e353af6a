/**
 * Writes an entry as a line of JSON: the record as the Forward encoder writes it, without the time before it, which
 * is in the record too. One encoder of records, whatever they are written in (ADR 18).
 */
import type { Fields } from '../fields.js';
import type { Encoder } from '../stages.js';
import type { Verdict } from '../verdict.js';
import { JsonWriter, maxJsonBytes } from './json-writer.js';

/** An entry is an array of two, an EventTime, and the record. */
const entryHeaderBytes = 1 + 10;
const lineFeed = 0x0a;

export class JsonLineEncoder implements Encoder {
  readonly #entries: Encoder;
  readonly #writer = new JsonWriter();
  readonly #entry: Buffer;

  /**
   * @param entries writes `[time, record]`
   * @param maxMessageBytes the longest frame
   */
  constructor(entries: Encoder, maxMessageBytes: number) {
    this.#entries = entries;
    this.#entry = Buffer.allocUnsafe(entries.maxEntryBytes(maxMessageBytes));
  }

  maxEntryBytes(length: number): number {
    return maxJsonBytes(this.#entries.maxEntryBytes(length)) + 1;
  }

  entry(fields: Fields, verdict: Verdict, out: Buffer, at: number): number {
    this.#entries.entry(fields, verdict, this.#entry, 0);
    const writer = this.#writer;
    writer.begin(out, at, this.#entry);
    writer.value(entryHeaderBytes);
    writer.byte(lineFeed);
    return writer.at;
  }
}
