/**
 * Cuts a byte stream into messages of the Forward protocol, as far as a bench's sink must know them:
 * `[tag, entries, option]` with the entries as bin or str (Fluentd sends str), `option` a flat map.
 */

export interface ForwardChunk {
  readonly bytes: Buffer;
  readonly entriesStart: number;
  readonly entriesEnd: number;
  /** Number of entries, by the option `size`. */
  readonly size: number;
  /** The MessagePack value of the option `chunk`, which an ack gives back; null: no ack is wanted. */
  readonly chunkId: Buffer | null;
}

const unfinished = Symbol('not all there yet');

export class ForwardChunks {
  readonly #onChunk: (chunk: ForwardChunk) => void;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Below it there is no use in looking again: a chunk is put together once, not at every read. */
  #neededBytes = 1;

  constructor(onChunk: (chunk: ForwardChunk) => void) {
    this.#onChunk = onChunk;
  }

  push(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes < this.#neededBytes) return;
    let all = this.#waiting.length === 1 ? bytes : Buffer.concat(this.#waiting);
    for (;;) {
      const reader = new Reader(all);
      const chunk = reader.chunk();
      if (chunk === unfinished) {
        this.#neededBytes = Math.max(all.length + 1, reader.needed);
        break;
      }
      this.#onChunk(chunk);
      all = all.subarray(reader.at);
    }
    this.#waiting = all.length === 0 ? [] : [all];
    this.#waitingBytes = all.length;
  }
}

class Reader {
  at = 0;
  /** Bytes that must be there for what was read last. */
  needed = 1;
  readonly #b: Buffer;

  constructor(bytes: Buffer) {
    this.#b = bytes;
  }

  chunk(): ForwardChunk | typeof unfinished {
    try {
      const count = this.#byte() & 0x0f;
      this.#bytes(this.#textLength());
      const entriesStart = this.#bytes(this.#textLength());
      const entriesEnd = this.at;
      let size = 0;
      let chunkId: Buffer | null = null;
      for (let pairs = count > 2 ? this.#byte() & 0x0f : 0; pairs > 0; pairs--) {
        const key = this.#text();
        const from = this.at;
        if (key === 'size') size = this.#integer();
        else if (this.#b[this.at]! <= 0x7f) this.at++;
        else this.#bytes(this.#textLength());
        if (key === 'chunk') chunkId = this.#b.subarray(from, this.at);
      }
      return { bytes: this.#b, entriesStart, entriesEnd, size, chunkId };
    } catch (error) {
      if (error === unfinished) return unfinished;
      throw error;
    }
  }

  #text(): string {
    const length = this.#textLength();
    const start = this.#bytes(length);
    return this.#b.toString('latin1', start, start + length);
  }

  /** Moves on by `length`; returns where it was. */
  #bytes(length: number): number {
    const start = this.at;
    this.needed = start + length;
    if (this.needed > this.#b.length) throw unfinished;
    this.at += length;
    return start;
  }

  #byte(): number {
    return this.#b[this.#bytes(1)]!;
  }

  /** Of a str or bin. */
  #textLength(): number {
    const type = this.#byte();
    if (type >= 0xa0 && type <= 0xbf) return type & 0x1f;
    const width = { 196: 1, 197: 2, 198: 4, 217: 1, 218: 2, 219: 4 }[type];
    if (width === undefined) throw new Error(`no str or bin: 0x${type.toString(16)}`);
    const at = this.#bytes(width);
    return this.#b.readUIntBE(at, width);
  }

  #integer(): number {
    const type = this.#byte();
    if (type <= 0x7f) return type;
    const width = { 204: 1, 205: 2, 206: 4 }[type];
    if (width === undefined) throw new Error(`no count: 0x${type.toString(16)}`);
    const at = this.#bytes(width);
    return this.#b.readUIntBE(at, width);
  }
}
