/** Puts records, and what is added to them, into the answers as JSON, one line each. */
import { JsonWriter, maxJsonBytes } from '../../encode/json-writer.js';
import type { Additions } from './additions.js';
import type { Answers } from './answers.js';
import type { Judge } from './judge.js';

const lf = 0x0a;
const comma = 0x2c;
const colon = 0x3a;

export class JsonAnswers {
  readonly #answers: Answers;
  readonly #judge: Judge;
  readonly #writer = new JsonWriter();

  constructor(answers: Answers, judge: Judge) {
    this.#answers = answers;
    this.#judge = judge;
  }

  /** The whole record of the event that was judged last. */
  record(): void {
    this.#begin();
    this.#writer.value(this.#judge.recordStart);
    this.#writer.byte(lf);
    this.#end();
    this.#answers.done();
  }

  /** Members of an object, without its braces. */
  members({ count, start, value }: Additions, isFirst: boolean): void {
    this.#begin();
    const writer = this.#writer;
    for (let n = 0; n < count; n++) {
      if (n > 0 || !isFirst) writer.byte(comma);
      writer.value(start[n]!);
      writer.byte(colon);
      writer.value(value[n]!);
    }
    this.#end();
  }

  /** Text that is JSON already. */
  text(json: string): void {
    const answers = this.#answers;
    answers.reserve(3 * json.length);
    answers.at += answers.bytes.write(json, answers.at);
  }

  /** A whole answer that is JSON already. For what is rare. */
  line(json: string): void {
    this.text(`${json}\n`);
    this.#answers.done();
  }

  #begin(): void {
    const answers = this.#answers;
    answers.reserve(maxJsonBytes(this.#judge.recordBytes));
    this.#writer.begin(answers.bytes, answers.at, this.#judge.record);
  }

  #end(): void {
    this.#answers.at = this.#writer.at;
  }
}
