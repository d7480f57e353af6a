/** Holds the bytes of many frames end to end, instead of one buffer object for each. Append-only. */
const blockBytes = 4 * 1024 * 1024;

export class FrameStore {
  readonly #blocks: Buffer[] = [];
  #used = 0;
  /** By handle: the block, where it begins in it, and its length. */
  readonly #block: number[] = [];
  readonly #start: number[] = [];
  readonly #length: number[] = [];

  /** Copies the frame and returns its handle. */
  add(bytes: Buffer, start: number, end: number): number {
    const length = end - start;
    let block = this.#blocks.at(-1);
    if (block === undefined || block.length - this.#used < length) {
      block = Buffer.allocUnsafeSlow(Math.max(blockBytes, length));
      this.#blocks.push(block);
      this.#used = 0;
    }
    bytes.copy(block, this.#used, start, end);
    this.#block.push(this.#blocks.length - 1);
    this.#start.push(this.#used);
    this.#length.push(length);
    this.#used += length;
    return this.#length.length - 1;
  }

  frame(handle: number): Buffer {
    const start = this.#start[handle]!;
    return this.#blocks[this.#block[handle]!]!.subarray(start, start + this.#length[handle]!);
  }
}
