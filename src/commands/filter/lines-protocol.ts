/** `lines`: one event as received per line in, the record that `run` would forward per line out, as JSON. */
import { JsonAnswers } from './json-answers.js';
import type { Judge } from './judge.js';
import { Lines } from './lines.js';
import type { Protocol, ProtocolParts } from './protocol.js';

export class LinesProtocol implements Protocol {
  readonly #judge: Judge;
  readonly #lines: Lines;
  readonly #json: JsonAnswers;

  constructor({ judge, answers, config }: ProtocolParts) {
    this.#judge = judge;
    this.#json = new JsonAnswers(answers, judge);
    this.#lines = new Lines(config.listen.maxMessageBytes, this);
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
    this.#judge.judge(bytes, start, end, originalLength, receivedAtMs);
    this.#json.record();
  }
}
