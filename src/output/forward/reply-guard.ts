/**
 * Stands between the socket and the client's decoder, which takes a peer at its word: of an array said
 * to have 2^25 items it makes room for them at once, and of a text of 4 GiB it keeps what has come.
 * What a Forward receiver has to say is short (Forward Protocol Specification v1: HELO, PONG and
 * `{"ack": id}`), so whatever is longer ends the connection before it is decoded.
 */
import { Transform, type TransformCallback } from 'node:stream';
import { headOf } from './entry-end.js';

/** Of one array or map: HELO's options have three. */
const maxItems = 64;
/** Of one text or other value: a reason for a refused login is the longest. */
const maxValueBytes = 4096;
/** Of one message. */
const maxMessageBytes = 16 * 1024;
/** Between two messages that told something: a receiver that goes on saying nothing is none. */
const maxIdleBytes = 64 * 1024;

export class ReplyGuard extends Transform {
  /** Values that the message still lacks. */
  #values = 1;
  #messageBytes = 0;
  #idleBytes = 0;
  /** Bytes of the present value that are passed over. */
  #skip = 0;
  /** Bytes of the present head's count or length that are still to come, and what they say so far. */
  #countBytes = 0;
  #count = 0;
  #kind: 'array' | 'map' | 'bytes' = 'bytes';

  /** The receiver has told something that this side waited for. */
  progress(): void {
    this.#idleBytes = 0;
  }

  override _transform(bytes: Buffer, _encoding: string, done: TransformCallback): void {
    this.#idleBytes += bytes.length;
    const problem = this.#idleBytes > maxIdleBytes ? 'replies without end' : this.#scan(bytes);
    if (problem === '') done(null, bytes);
    else done(new ReplyError(`the server's reply is not of the Forward protocol: ${problem}`));
  }

  /** What is wrong with the bytes, '' if nothing. Each is looked at once. */
  #scan(bytes: Buffer): string {
    let problem = '';
    for (let at = 0; at < bytes.length && problem === ''; ) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at);
        this.#skip -= skipped;
        this.#messageBytes += skipped;
        at += skipped;
        if (this.#skip === 0) this.#valueEnded();
      } else {
        this.#messageBytes++;
        const byte = bytes[at++]!;
        problem = this.#countBytes > 0 ? this.#readCount(byte) : this.#readHead(byte);
      }
      if (this.#messageBytes > maxMessageBytes) problem ||= `more than ${maxMessageBytes} bytes`;
    }
    return problem;
  }

  #readHead(byte: number): string {
    const head = headOf(byte);
    if (head === null) return 'no MessagePack';
    this.#kind = head.kind;
    this.#countBytes = head.countBytes;
    this.#count = head.count;
    return head.countBytes > 0 ? '' : this.#headEnded();
  }

  #readCount(byte: number): string {
    this.#count = this.#count * 256 + byte;
    return --this.#countBytes > 0 ? '' : this.#headEnded();
  }

  #headEnded(): string {
    if (this.#kind === 'bytes') {
      if (this.#count > maxValueBytes) return `a value of ${this.#count} bytes`;
      this.#skip = this.#count;
      if (this.#skip === 0) this.#valueEnded();
      return '';
    }
    if (this.#count > maxItems) return `${this.#count} items in one value`;
    this.#values += this.#kind === 'map' ? 2 * this.#count : this.#count;
    this.#valueEnded();
    return '';
  }

  #valueEnded(): void {
    if (--this.#values > 0) return;
    this.#values = 1;
    this.#messageBytes = 0;
  }
}

export class ReplyError extends Error {
  override readonly name = 'ReplyError';
}
