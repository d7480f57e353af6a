/**
 * `json`: one record per line in, the same record with the fields added per line out. Its own text is passed on
 * as it came, byte for byte, so that no number loses a digit; what is added goes before its last brace.
 */
import { isUtf8 } from 'node:buffer';
import type { Counters } from '../../observe/counters.js';
import { Additions } from './additions.js';
import type { Answers } from './answers.js';
import { JsonAnswers } from './json-answers.js';
import type { Judge } from './judge.js';
import { Lines } from './lines.js';
import { OwnNames } from './own-names.js';
import { maxRecordBytes, type Protocol, type ProtocolParts } from './protocol.js';
import { Tags } from './tags.js';

type JsonObject = Readonly<Record<string, unknown>>;

const closeBrace = 0x7d;

export class JsonProtocol implements Protocol {
  readonly #judge: Judge;
  readonly #answers: Answers;
  readonly #counters: Counters;
  readonly #key: string;
  readonly #maxMessageBytes: number;
  readonly #lines: Lines;
  readonly #json: JsonAnswers;
  readonly #additions: Additions;
  readonly #own: OwnNames;
  readonly #tags: Tags | null;

  constructor({ judge, answers, config, counters, key, tagKey }: ProtocolParts) {
    this.#judge = judge;
    this.#answers = answers;
    this.#counters = counters;
    this.#key = key;
    this.#maxMessageBytes = config.listen.maxMessageBytes;
    this.#lines = new Lines(maxRecordBytes(config), this);
    this.#json = new JsonAnswers(answers, judge);
    this.#additions = new Additions(counters);
    this.#own = new OwnNames(tagKey);
    this.#tags = tagKey === null ? null : new Tags(tagKey, config.forward.fluentd);
  }

  push(chunk: Buffer, receivedAtMs: number): void {
    this.#lines.push(chunk, receivedAtMs);
  }

  end(receivedAtMs: number, whole: boolean): void {
    this.#lines.end(receivedAtMs, whole);
  }

  line(
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    receivedAtMs: number,
  ): void {
    const isCut = originalLength > end - start;
    const line = bytes.subarray(start, end);
    const text = isCut ? '' : line.toString();
    const record = isCut ? null : parsedObject(text);
    if (record === null) {
      this.#refuse(line, isCut ? originalLength : 0);
      return;
    }
    const names = Object.keys(record);
    this.#own.clear();
    for (const name of names) this.#own.add(name);
    const value = Object.hasOwn(record, this.#key) ? record[this.#key] : undefined;
    const isText = typeof value === 'string';
    if (!this.#copyOwn(record, line, text)) return;
    let isFirst = names.length === 0;
    if (isText) {
      this.#judgeText(value, receivedAtMs);
      this.#additions.find(this.#judge, this.#own);
      this.#json.members(this.#additions, isFirst);
      if (this.#additions.count > 0) isFirst = false;
    } else {
      this.#counters.filter_records_invalid++;
      this.#json.text(`${isFirst ? '' : ','}"parse_error":${JSON.stringify(noText(this.#key))}`);
      isFirst = false;
    }
    if (this.#tags !== null) {
      const isAlert = isText && this.#judge.verdict.alert !== null;
      this.#json.text(`${isFirst ? '' : ','}${this.#tags.member(isAlert)}`);
    }
    this.#json.line('}');
  }

  #judgeText(text: string, receivedAtMs: number): void {
    const bytes = Buffer.from(text);
    this.#judge.judge(bytes, 0, bytes.length, bytes.length, receivedAtMs);
  }

  /** Without its last brace. Returns false if it cannot be, and has been answered. */
  #copyOwn(record: JsonObject, line: Buffer, text: string): boolean {
    if (this.#own.reserved > 0) {
      const renamed = rewritten(record, (name) => this.#own.kept(name));
      if (renamed === null) this.#refuse(line, 0);
      else this.#json.text(renamed.slice(0, -1));
      return renamed !== null;
    }
    // A text with bad bytes in it has been repaired, and no reader of JSON would take it as it was.
    const own = isUtf8(line) ? line : Buffer.from(text);
    this.#answers.copy(own, 0, own.lastIndexOf(closeBrace));
    return true;
  }

  /** What is no record is answered all the same: the sender counts on it. */
  #refuse(line: Buffer, originalLength: number): void {
    const cut = Math.max(originalLength, line.length) > this.#maxMessageBytes;
    if (originalLength > 0) this.#counters.filter_records_oversized++;
    else this.#counters.filter_records_invalid++;
    const answer = {
      parse_error: originalLength > 0 ? 'record too long' : 'not a JSON object',
      message: line.toString('utf8', 0, this.#maxMessageBytes),
      ...(cut ? { truncated: true, original_length: originalLength || line.length } : {}),
      ...(this.#tags?.entry(false) ?? {}),
    };
    this.#json.line(JSON.stringify(answer));
  }
}

export function noText(key: string): string {
  return `no text under the key ${key}`;
}

/** Null if it is none. */
export function parsedObject(text: string): JsonObject | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as JsonObject)
      : null;
  } catch {
    return null;
  }
}

/** With other names. Null if it is nested so deeply that it can be read and not written. */
function rewritten(record: JsonObject, nameOf: (name: string) => string): string | null {
  const entries = Object.entries(record).map(([name, value]) => [nameOf(name), value] as const);
  try {
    return JSON.stringify(Object.fromEntries(entries));
  } catch {
    return null;
  }
}
