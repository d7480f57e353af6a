/**
 * `mmexternal`: rsyslog's module of that name. One message per line in, the message itself (`interface.input`
 * `rawmsg` or `msg`) or all its properties as JSON (`fulljson`), and exactly one line out for each, before rsyslog
 * sends the next: `{"$!": { … }}`, what is added to the message's own variables.
 */
import type { Logger } from '../../observe/log.js';
import { Additions } from './additions.js';
import { JsonAnswers } from './json-answers.js';
import { parsedObject } from './json-protocol.js';
import type { Judge } from './judge.js';
import { Lines } from './lines.js';
import { maxRecordBytes, type Protocol, type ProtocolParts } from './protocol.js';

const openBrace = 0x7b;

export class MmexternalProtocol implements Protocol {
  readonly #judge: Judge;
  readonly #lines: Lines;
  readonly #json: JsonAnswers;
  readonly #additions: Additions;
  readonly #log: Pick<Logger, 'warn'>;
  #saidCut = false;

  constructor({ judge, answers, config, counters, log }: ProtocolParts) {
    this.#judge = judge;
    this.#lines = new Lines(maxRecordBytes(config), this);
    this.#json = new JsonAnswers(answers, judge);
    this.#additions = new Additions(counters);
    this.#log = log;
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
    const message =
      bytes[start] === openBrace ? messageOf(bytes.toString('utf8', start, end)) : null;
    if (message === null) {
      this.#judge.judge(bytes, start, end, originalLength, receivedAtMs);
    } else {
      const own = Buffer.from(message);
      this.#judge.judge(own, 0, own.length, own.length, receivedAtMs);
    }
    if (!this.#judge.fields.isCef && !this.#saidCut) this.#warnOfCut(bytes, start, end);
    this.#additions.find(this.#judge, null);
    this.#json.text('{"$!":{');
    this.#json.members(this.#additions, true);
    this.#json.line('}}');
  }

  /** Once: every event would be missed, and nobody would know why. */
  #warnOfCut(bytes: Buffer, start: number, end: number): void {
    if (!/^ ?\d\|[^|]*\|/.test(bytes.toString('latin1', start, Math.min(end, start + 256)))) return;
    this.#saidCut = true;
    this.#log.warn(
      { code: 'MESSAGES_CUT' },
      'messages come without `CEF:`, which rsyslog has taken for the tag, and are not judged: ' +
        'set interface.input="rawmsg"',
    );
  }
}

/** Of `fulljson`. `msg` is without what rsyslog took for the tag, `CEF:` among it. Null if it is no such thing. */
function messageOf(text: string): string | null {
  const record = parsedObject(text);
  const message = record?.rawmsg ?? record?.msg;
  return typeof message === 'string' ? message : null;
}
