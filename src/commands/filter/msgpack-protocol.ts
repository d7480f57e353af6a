/**
 * `msgpack`: one record after the other in, each a map, and the same with the fields added out. Its own entries
 * are passed on as they came; what is added goes behind them.
 */
import { encode as pack } from '@msgpack/msgpack';
import { mapSize, textStart, valueEnd } from '../../encode/msgpack-walk.js';
import type { Counters } from '../../observe/counters.js';
import { Additions } from './additions.js';
import type { Answers } from './answers.js';
import { noText } from './json-protocol.js';
import type { Judge } from './judge.js';
import { MsgpackValues } from './msgpack-values.js';
import { OwnNames } from './own-names.js';
import { maxRecordBytes, type Protocol, type ProtocolParts } from './protocol.js';
import { Tags } from './tags.js';

const refusals = {
  invalid: 'not MessagePack',
  long: 'record too long',
  unfinished: 'record without its end',
} as const;

export class MsgpackProtocol implements Protocol {
  readonly #judge: Judge;
  readonly #answers: Answers;
  readonly #counters: Counters;
  readonly #key: Buffer;
  readonly #noText: Uint8Array;
  readonly #values: MsgpackValues;
  readonly #additions: Additions;
  readonly #own: OwnNames;
  readonly #tags: Tags | null;
  readonly #eventTag: Uint8Array;
  readonly #alertTag: Uint8Array;

  constructor({ judge, answers, config, counters, key, tagKey }: ProtocolParts) {
    this.#judge = judge;
    this.#answers = answers;
    this.#counters = counters;
    this.#key = Buffer.from(key);
    this.#noText = entriesOf({ parse_error: noText(key) });
    this.#values = new MsgpackValues(maxRecordBytes(config), this);
    this.#additions = new Additions(counters);
    this.#own = new OwnNames(tagKey);
    this.#tags = tagKey === null ? null : new Tags(tagKey, config.forward.fluentd);
    this.#eventTag = entriesOf(this.#tags?.entry(false) ?? {});
    this.#alertTag = entriesOf(this.#tags?.entry(true) ?? {});
  }

  push(chunk: Buffer, receivedAtMs: number): void {
    this.#values.push(chunk, receivedAtMs);
  }

  end(receivedAtMs: number): void {
    this.#values.end(receivedAtMs);
  }

  value(bytes: Buffer, start: number, end: number, receivedAtMs: number): void {
    const size = mapSize(bytes, start);
    if (size < 0) {
      this.#refuse('not a map', end - start);
      return;
    }
    const entriesStart = start + mapHeaderBytes(bytes[start]!);
    const isText = this.#judgeText(bytes, entriesStart, size, receivedAtMs);
    if (isText) this.#additions.find(this.#judge, this.#own);
    else this.#counters.filter_records_invalid++;
    const added = (isText ? this.#additions.count : 1) + (this.#tags === null ? 0 : 1);
    this.#mapHeader(size + added);
    if (this.#own.reserved > 0) this.#copyRenamed(bytes, entriesStart, size);
    else this.#answers.copy(bytes, entriesStart, end);
    if (isText) this.#add();
    else this.#copyAll(this.#noText);
    const isAlert = isText && this.#judge.verdict.alert !== null;
    this.#copyAll(isAlert ? this.#alertTag : this.#eventTag);
    this.#answers.done();
  }

  broken(
    why: keyof typeof refusals,
    _bytes: Buffer,
    _start: number,
    _end: number,
    originalLength: number,
  ): void {
    this.#refuse(refusals[why], originalLength, why === 'long');
  }

  /** Notes the names, and judges the line if there is one; returns whether there is. Of several the last counts. */
  #judgeText(bytes: Buffer, start: number, size: number, receivedAtMs: number): boolean {
    this.#own.clear();
    let textAt = -1;
    let textEnd = -1;
    let at = start;
    for (let n = 0; n < size; n++) {
      const value = valueEnd(bytes, at);
      const nameStart = textStart(bytes, at);
      const end = valueEnd(bytes, value);
      if (nameStart >= 0) {
        this.#own.add(bytes.toString('utf8', nameStart, value));
        if (this.#key.compare(bytes, nameStart, value) === 0) {
          textAt = textStart(bytes, value);
          textEnd = end;
        }
      }
      at = end;
    }
    if (textAt < 0) return false;
    this.#judge.judge(bytes, textAt, textEnd, textEnd - textAt, receivedAtMs);
    return true;
  }

  #copyRenamed(bytes: Buffer, start: number, size: number): void {
    let at = start;
    for (let n = 0; n < size; n++) {
      const value = valueEnd(bytes, at);
      const nameStart = textStart(bytes, at);
      const end = valueEnd(bytes, value);
      const name = nameStart < 0 ? '' : bytes.toString('utf8', nameStart, value);
      const kept = this.#own.kept(name);
      if (kept === name) this.#answers.copy(bytes, at, value);
      else this.#copyAll(pack(kept));
      this.#answers.copy(bytes, value, end);
      at = end;
    }
  }

  /** Mostly one run of bytes: fields that follow each other are copied together. */
  #add(): void {
    const { count, start, end } = this.#additions;
    for (let n = 0; n < count; ) {
      const from = start[n]!;
      let to = end[n++]!;
      while (n < count && start[n] === to) to = end[n++]!;
      this.#answers.copy(this.#judge.record, from, to);
    }
  }

  #copyAll(bytes: Uint8Array): void {
    this.#answers.copy(bytes, 0, bytes.length);
  }

  #mapHeader(count: number): void {
    const answers = this.#answers;
    answers.reserve(5);
    if (count < 16) {
      answers.bytes[answers.at++] = 0x80 | count;
    } else if (count < 0x10000) {
      answers.bytes[answers.at++] = 0xde;
      answers.at = answers.bytes.writeUInt16BE(count, answers.at);
    } else {
      answers.bytes[answers.at++] = 0xdf;
      answers.at = answers.bytes.writeUInt32BE(count, answers.at);
    }
  }

  /** What is no record is answered all the same: the sender counts on it. */
  #refuse(parseError: string, originalLength: number, isLong = false): void {
    if (isLong) this.#counters.filter_records_oversized++;
    else this.#counters.filter_records_invalid++;
    const tag = this.#tags?.entry(false) ?? {};
    const answer = { parse_error: parseError, original_length: originalLength, ...tag };
    this.#copyAll(pack(answer));
    this.#answers.done();
  }
}

/** Of a map of fewer than 16, without its header. */
function entriesOf(object: Readonly<Record<string, string>>): Uint8Array {
  return pack(object).slice(1);
}

function mapHeaderBytes(type: number): number {
  if (type < 0x90) return 1;
  return type === 0xde ? 3 : 5;
}
