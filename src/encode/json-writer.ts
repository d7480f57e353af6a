/**
 * Writes MessagePack as JSON (RFC 8259), from bytes to bytes. So there is one encoder of records, with all its
 * names, and JSON costs a copy more; what that is, ADR 18 says. It is for the encoder's own records, which
 * hold strings (valid UTF-8), numbers, booleans, arrays and maps, and nothing else.
 *
 * Four bytes at a time are looked at for what JSON escapes, and copied if there is nothing: most strings
 * hold none.
 */
import { viewOf } from '../fields.js';
import { mapSize, textStart, valueEnd } from './msgpack-walk.js';

/** Upper bound of the JSON of a value, without the names around it: a control character takes six bytes. */
export function maxJsonBytes(msgpackBytes: number): number {
  return 8 * msgpackBytes + 64;
}

export class JsonWriter {
  /** Where the next byte goes. */
  at = 0;
  #out: Buffer = nothing;
  #outView = viewOf(nothing);
  #from: Buffer = nothing;
  #fromView = viewOf(nothing);

  /** Writes into `out` at `at`, reads MessagePack of `from`. The caller has made sure of the room. */
  begin(out: Buffer, at: number, from: Buffer): void {
    this.at = at;
    if (out !== this.#out) {
      this.#out = out;
      this.#outView = viewOf(out);
    }
    if (from !== this.#from) {
      this.#from = from;
      this.#fromView = viewOf(from);
    }
  }

  byte(value: number): void {
    this.#out[this.at++] = value;
  }

  /** Text that needs no escape. For what is rare. */
  ascii(text: string): void {
    this.at += this.#out.write(text, this.at, 'latin1');
  }

  /** The value of `from` at `start`; returns its end there. */
  value(start: number): number {
    const type = this.#from[start]!;
    if (type < 0x80) return this.#integer(type, start + 1);
    if (type >= 0xe0) return this.#integer(type - 0x100, start + 1);
    const text = textStart(this.#from, start);
    if (text >= 0) {
      const end = text + textLength(this.#from, start, text);
      this.string(text, end);
      return end;
    }
    if (mapSize(this.#from, start) >= 0) return this.#map(start);
    if ((type & 0xf0) === 0x90 || type === 0xdc) return this.#array(start);
    return this.#scalar(type, start);
  }

  /** `from[start, end)` in quotes. */
  string(start: number, end: number): void {
    const from = this.#fromView;
    const out = this.#outView;
    let at = this.at;
    let i = start;
    this.#out[at++] = quote;
    for (; i + 4 <= end; i += 4) {
      const word = from.getInt32(i, true);
      if (hasEscape(word)) {
        at = this.#escaped(i, i + 4, at);
        continue;
      }
      out.setInt32(at, word, true);
      at += 4;
    }
    if (i < end) at = this.#escaped(i, end, at);
    this.#out[at] = quote;
    this.at = at + 1;
  }

  /** Byte by byte. Returns where the next byte goes. */
  #escaped(start: number, end: number, to: number): number {
    const out = this.#out;
    let at = to;
    for (let i = start; i < end; i++) {
      const byte = this.#from[i]!;
      const letter = letters[byte]!;
      if (letter === 0) {
        out[at++] = byte;
      } else {
        out[at++] = backslash;
        out[at++] = letter;
        if (letter === letterU) {
          out[at++] = zero;
          out[at++] = zero;
          out[at++] = hexDigits[byte >> 4]!;
          out[at++] = hexDigits[byte & 15]!;
        }
      }
    }
    return at;
  }

  #map(start: number): number {
    const count = mapSize(this.#from, start);
    let at = start + (this.#from[start]! < 0x90 ? 1 : 3);
    this.byte(openBrace);
    for (let i = 0; i < count; i++) {
      if (i > 0) this.byte(comma);
      at = this.value(at);
      this.byte(colon);
      at = this.value(at);
    }
    this.byte(closeBrace);
    return at;
  }

  #array(start: number): number {
    const isLong = this.#from[start] === 0xdc;
    const count = isLong ? this.#fromView.getUint16(start + 1) : this.#from[start]! & 15;
    let at = start + (isLong ? 3 : 1);
    this.byte(openBracket);
    for (let i = 0; i < count; i++) {
      if (i > 0) this.byte(comma);
      at = this.value(at);
    }
    this.byte(closeBracket);
    return at;
  }

  #scalar(type: number, start: number): number {
    const view = this.#fromView;
    const at = start + 1;
    switch (type) {
      case 0xc2:
        this.ascii('false');
        return at;
      case 0xc3:
        this.ascii('true');
        return at;
      case 0xcb:
        return this.#float(view.getFloat64(at), at + 8);
      case 0xcc:
        return this.#integer(view.getUint8(at), at + 1);
      case 0xcd:
        return this.#integer(view.getUint16(at), at + 2);
      case 0xce:
        return this.#integer(view.getUint32(at), at + 4);
      case 0xcf:
        return this.#integer(view.getUint32(at) * 0x100000000 + view.getUint32(at + 4), at + 8);
      case 0xd0:
        return this.#integer(view.getInt8(at), at + 1);
      case 0xd1:
        return this.#integer(view.getInt16(at), at + 2);
      case 0xd2:
        return this.#integer(view.getInt32(at), at + 4);
      case 0xd3:
        return this.#integer(view.getInt32(at) * 0x100000000 + view.getUint32(at + 4), at + 8);
      default:
        this.ascii('null');
        return valueEnd(this.#from, start);
    }
  }

  /** Digits from the last one on, as long as the number is small: no string is made. */
  #integer(value: number, end: number): number {
    if (value < 0 || value > 0x7fffffff) {
      this.ascii(String(value));
      return end;
    }
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits++;
    let rest = value;
    for (let at = this.at + digits - 1; at >= this.at; at--) {
      const tenth = Math.floor(rest / 10);
      this.#out[at] = zero + rest - 10 * tenth;
      rest = tenth;
    }
    this.at += digits;
    return end;
  }

  /** With a point or an exponent also where it is whole: one key has one type in every record. */
  #float(value: number, end: number): number {
    const text = String(value);
    this.ascii(/^-?\d+$/.test(text) ? `${text}.0` : text);
    return end;
  }
}

const nothing = Buffer.alloc(0);
const quote = 0x22;
const backslash = 0x5c;
const zero = 0x30;
const letterU = 0x75;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const hexDigits = Buffer.from('0123456789abcdef', 'latin1');

/** By byte: what follows the backslash; 0 for what stands for itself. */
const letters = Uint8Array.from({ length: 256 }, (_, byte) => {
  const short = '\b\t\n\f\r"\\'.indexOf(String.fromCharCode(byte));
  if (short >= 0) return 'btnfr"\\'.charCodeAt(short);
  return byte < 0x20 ? letterU : 0;
});

/** Whether one of four bytes is below a blank, a quote or a backslash; now and then of others too. */
function hasEscape(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  const control = (word - 0x20202020) & ~word;
  const isQuote = (quotes - 0x01010101) & ~quotes;
  const isBackslash = (backslashes - 0x01010101) & ~backslashes;
  return ((control | isQuote | isBackslash) & 0x80808080) !== 0;
}

/** Of a string whose bytes begin at `text`. */
function textLength(bytes: Buffer, at: number, text: number): number {
  const type = bytes[at]!;
  if ((type & 0xe0) === 0xa0) return type & 0x1f;
  if (text - at === 2) return bytes[at + 1]!;
  return text - at === 3 ? bytes.readUInt16BE(at + 1) : bytes.readUInt32BE(at + 1);
}
