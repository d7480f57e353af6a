/**
 * What is sent over one connection: first all that is unacked, then what comes. It ends with the
 * connection; the `SendWindow` outlives it.
 */
import fastq from 'fastq';
import type { Chunk } from './chunk.js';
import type { ForwardConnection } from './forward-connection.js';
import type { SendWindow } from './send-window.js';

export class Delivery {
  readonly #window: SendWindow;
  readonly #onDelivered: (chunk: Chunk) => void;
  readonly #queue: fastq.queue<Chunk>;
  /** Chunks that were pushed and are neither acked nor failed. */
  #onTheWay = 0;
  #held = false;
  #onIdle: () => void = () => {};

  /**
   * @param options.maxInFlight chunks on the way at a time
   * @param options.onDelivered called for each chunk that is acked (or written, without acks)
   */
  constructor(options: {
    connection: ForwardConnection;
    window: SendWindow;
    maxInFlight: number;
    onDelivered: (chunk: Chunk) => void;
  }) {
    const { connection, window, maxInFlight } = options;
    this.#window = window;
    this.#onDelivered = options.onDelivered;
    this.#queue = fastq<ForwardConnection, Chunk>(
      connection,
      (chunk, done) => connection.send(chunk, done),
      maxInFlight,
    );
  }

  start(): void {
    for (const chunk of this.#window.unacked) this.#push(chunk);
    this.pump();
  }

  /** Cuts and sends as much as the window takes. */
  pump(): void {
    while (!this.#held) {
      const chunks = this.#window.next();
      if (chunks.length === 0) break;
      for (const chunk of chunks) this.#push(chunk);
    }
    if (this.#onTheWay === 0) this.#onIdle();
  }

  /** Begins nothing new. Resolves once all that is on the way is acked; not, if the connection fails. */
  hold(): Promise<void> {
    this.#held = true;
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      if (this.#onTheWay === 0) resolve();
    });
  }

  release(): void {
    this.#held = false;
    this.pump();
  }

  /** The connection has ended. */
  end(): void {
    this.#held = true;
    this.#onIdle = () => {};
    this.#queue.kill();
  }

  #push(chunk: Chunk): void {
    this.#onTheWay++;
    this.#queue.push(chunk, (failure) => {
      this.#onTheWay--;
      if (failure !== null) return;
      this.#onDelivered(chunk);
      this.pump();
    });
  }
}
