/**
 * Finds the frames of RELP (https://www.rsyslog.com/doc/relp.html) in one byte stream:
 *
 *     TXNR SP COMMAND [SP DATALEN [SP DATA]] LF
 *
 *     TXNR     decimal, at most 9 digits; 0 is a hint, which nobody answers
 *     COMMAND  letters, at most 32
 *     DATALEN  decimal, at most 9 digits, bytes of DATA
 *
 * The bounds are those of librelp. A message counts as received at its LF, not before: the sender sends
 * again what lacks an ack, so a frame that is cut off must not be handed over as well. A message that lies
 * in the chunk with its LF is handed over where it is; else its head, up to `maxMessageBytes`, is copied
 * into a carry buffer that grows as the data comes, whatever length was announced. Linear in the bytes.
 *
 *     inTxnr -> inCommand -> inLength -> inData -> inTrailer -> inTxnr
 *                   '------------'---------------------^  at LF
 */

/** Other commands than these are `unknown`. */
export type RelpCommand = 'open' | 'close' | 'unknown';

/** What a framer tells. It calls `stop` of the framer, within a call too, to hear no more. */
export interface RelpHandler {
  /**
   * @param bytes valid only during the call; the message is `bytes[start, end)`
   * @param originalLength bytes the sender sent; more than `end - start` if the message was cut
   * @param txnr not 0
   */
  message(
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    receivedAtMs: number,
    txnr: number,
  ): void;
  /** Of a command only its number matters; its data is read past. */
  command(command: RelpCommand, txnr: number): void;
  /** The bytes are no RELP. The framer has stopped. @param problem what is wrong, no text of the sender's */
  fault(problem: string): void;
}

const inTxnr = 0;
const inCommand = 1;
const inLength = 2;
const inData = 3;
const inTrailer = 4;
const stopped = 5;

const LF = 0x0a;
const SP = 0x20;
const maxDigits = 9;
const maxCommandBytes = 32;
const noBytes = Buffer.alloc(0);
/** First size of the carry buffer: holds most events, so that one allocation does. */
const carryBytes = 1024;

const syslog = Buffer.from('syslog');
const open = Buffer.from('open');
const close = Buffer.from('close');

export class RelpFramer {
  readonly #handler: RelpHandler;
  readonly #maxMessageBytes: number;
  #state = inTxnr;
  #txnr = 0;
  /** Digits or letters of the field so far. */
  #fieldBytes = 0;
  readonly #command = Buffer.alloc(maxCommandBytes);
  #commandBytes = 0;
  /** DATALEN. */
  #length = 0;
  /** Bytes of DATA so far, and how many of them are in the carry buffer. */
  #total = 0;
  #held = 0;
  #carry: Buffer = noBytes;
  #firstFrame = true;
  #pendingSinceMs = 0;

  constructor(options: { readonly maxMessageBytes: number; readonly handler: RelpHandler }) {
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#handler = options.handler;
  }

  /** True while part of a frame has come. */
  get pending(): boolean {
    return this.#state !== stopped && (this.#state !== inTxnr || this.#fieldBytes > 0);
  }

  /** Receipt of the first byte of the frame that is pending; later bytes do not change it. */
  get pendingSinceMs(): number {
    return this.#pendingSinceMs;
  }

  /** Bytes of memory held for the unfinished frame. */
  get carriedBytes(): number {
    return this.#carry.length;
  }

  /** Takes nothing more; what is unfinished is forgotten. */
  stop(): void {
    this.#state = stopped;
    this.#carry = noBytes;
  }

  push(chunk: Buffer, receivedAtMs: number): void {
    let at = 0;
    while (at < chunk.length) {
      switch (this.#state) {
        case inTxnr:
          if (this.#fieldBytes === 0) this.#pendingSinceMs = receivedAtMs;
          this.#txnrByte(chunk[at++]!);
          break;
        case inCommand:
          this.#commandByte(chunk[at++]!, receivedAtMs);
          break;
        case inLength:
          this.#lengthByte(chunk[at++]!, receivedAtMs);
          break;
        case inData:
          at = this.#data(chunk, at, receivedAtMs);
          break;
        case inTrailer:
          if (chunk[at++] === LF) this.#finish(this.#carry, 0, receivedAtMs);
          else this.#fault('DATA is longer than its DATALEN says');
          break;
        default:
          return;
      }
    }
  }

  #txnrByte(byte: number): void {
    if (byte === SP && this.#fieldBytes > 0) {
      this.#field(inCommand);
      return;
    }
    const digit = byte - 0x30;
    if (digit < 0 || digit > 9) this.#fault(this.#noTxnr(byte));
    else if (this.#fieldBytes === maxDigits) this.#fault('TXNR has more than 9 digits');
    else {
      this.#txnr = this.#txnr * 10 + digit;
      this.#fieldBytes++;
    }
  }

  #commandByte(byte: number, receivedAtMs: number): void {
    if ((byte === SP || byte === LF) && this.#fieldBytes > 0) {
      this.#commandBytes = this.#fieldBytes;
      if (byte === SP) this.#field(inLength);
      else this.#finish(noBytes, 0, receivedAtMs);
      return;
    }
    const letter = byte | 0x20;
    if (letter < 0x61 || letter > 0x7a) this.#fault('COMMAND holds something other than letters');
    else if (this.#fieldBytes === maxCommandBytes) this.#fault('COMMAND has more than 32 letters');
    else this.#command[this.#fieldBytes++] = byte;
  }

  #lengthByte(byte: number, receivedAtMs: number): void {
    if (byte === LF) {
      if (this.#length === 0) this.#finish(noBytes, 0, receivedAtMs);
      else this.#fault('there is less DATA than its DATALEN says');
      return;
    }
    if (byte === SP && this.#fieldBytes > 0) {
      this.#field(inData);
      return;
    }
    const digit = byte - 0x30;
    if (digit < 0 || digit > 9) this.#fault('DATALEN holds something other than digits');
    else if (this.#fieldBytes === maxDigits) this.#fault('DATALEN has more than 9 digits');
    else {
      this.#length = this.#length * 10 + digit;
      this.#fieldBytes++;
    }
  }

  /** Goes on with DATA at `at`. Returns the new `at`. */
  #data(chunk: Buffer, at: number, receivedAtMs: number): number {
    const end = at + this.#length - this.#total;
    if (this.#total === 0 && end < chunk.length) {
      this.#total = this.#length;
      if (chunk[end] === LF) this.#finish(chunk, at, receivedAtMs);
      else this.#fault('DATA is longer than its DATALEN says');
      return end + 1;
    }
    const to = Math.min(end, chunk.length);
    this.#hold(chunk, at, to);
    if (to === end) this.#state = inTrailer;
    return to;
  }

  /** Adds `chunk[from, to)` to the data and keeps as much of it as a message may have. */
  #hold(chunk: Buffer, from: number, to: number): void {
    this.#total += to - from;
    const held = Math.min(this.#total, this.#maxMessageBytes);
    if (held === this.#held) return;
    if (held > this.#carry.length) this.#grow(held);
    chunk.copy(this.#carry, this.#held, from, from + held - this.#held);
    this.#held = held;
  }

  #grow(held: number): void {
    let size = Math.max(this.#carry.length * 2, carryBytes);
    while (size < held) size *= 2;
    const carry = Buffer.allocUnsafe(Math.min(size, this.#maxMessageBytes));
    this.#carry.copy(carry, 0, 0, this.#held);
    this.#carry = carry;
  }

  /** The frame has ended: hands it over and begins anew. @param start of its data in `bytes` */
  #finish(bytes: Buffer, start: number, receivedAtMs: number): void {
    const txnr = this.#txnr;
    const length = this.#length;
    const isMessage = this.#is(syslog);
    this.#begin();
    if (!isMessage) {
      this.#handler.command(this.#is(open) ? 'open' : this.#is(close) ? 'close' : 'unknown', txnr);
    } else if (txnr === 0) {
      this.#fault('a message has TXNR 0');
    } else {
      const end = start + Math.min(length, this.#maxMessageBytes);
      this.#handler.message(bytes, start, end, length, receivedAtMs, txnr);
    }
  }

  #begin(): void {
    this.#field(inTxnr);
    this.#firstFrame = false;
    this.#txnr = 0;
    this.#length = 0;
    this.#total = 0;
    this.#held = 0;
    // Whoever finishes has it still; between frames no memory is held.
    this.#carry = noBytes;
  }

  #field(next: number): void {
    this.#state = next;
    this.#fieldBytes = 0;
  }

  #is(command: Buffer): boolean {
    if (this.#commandBytes !== command.length) return false;
    for (let i = 0; i < command.length; i++) {
      if (this.#command[i] !== command[i]) return false;
    }
    return true;
  }

  #fault(problem: string): void {
    this.stop();
    this.#handler.fault(problem);
  }

  /** What else might be spoken: these two are what people mix up. */
  #noTxnr(byte: number): string {
    if (this.#firstFrame && this.#fieldBytes === 0) {
      if (byte === 0x3c) return 'it begins like syslog without RELP (for that there is listen.tcp)';
      if (byte === 0x16) return 'it begins like TLS, which this listener does not speak';
    }
    return 'there is no TXNR where a frame should begin';
  }
}
