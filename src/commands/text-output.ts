/** Lines of text to a stream that may be slow, or close early as `head` does. */
import type { Writable } from 'node:stream';

/** Takes charge of the stream's errors: a reader that has gone is none. */
export function onGone(stream: Writable, told: () => void = () => {}): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    told();
    if (error.code !== 'EPIPE') throw error;
  });
}

export class TextOutput {
  readonly #stream: Writable;
  #closed = false;

  /** Takes charge of the stream's errors for good; does not close it. */
  constructor(stream: Writable) {
    this.#stream = stream;
    onGone(stream, () => {
      this.#closed = true;
    });
  }

  /** True once the reader has gone: nothing more needs to be made. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when the stream takes more, or never will. */
  async line(text: string): Promise<void> {
    if (this.#closed || this.#stream.write(`${text}\n`)) return;
    await new Promise<void>((resolve) => {
      const events = ['drain', 'close', 'error'];
      const done = () => {
        for (const event of events) this.#stream.off(event, done);
        resolve();
      };
      for (const event of events) this.#stream.on(event, done);
    });
  }
}
