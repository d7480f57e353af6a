/**
 * What is sent over one connection: first all that is unacked, then what comes. It ends with the
 * connection; the `SendWindow` outlives it.
 *
 * Suspects (see suspicion.ts) come after the others, each alone on the way, as soon as something was
 * acked on this connection: if the receiver then closes it, that is evidence. One that is still
 * silent after a while (`suspectMs`) is followed by others: if one of those is acked, that is evidence too.
 * With nothing else to send, suspects are sent all the same.
 */
import fastq from 'fastq';
import type { Chunk } from './chunk.js';
import type { ForwardConnection } from './forward-connection.js';
import type { SendWindow } from './send-window.js';
import { bySuspicion, isSuspect } from './suspicion.js';

/** Suspects that may keep silent on one connection before no further one is sent on it. */
const maxSilent = 4;

/** A receiver that takes its time before it closes is given more of it, strike by strike. */
const maxDoublings = 4;

export class Delivery {
  readonly #connection: ForwardConnection;
  readonly #window: SendWindow;
  readonly #suspectMs: number;
  readonly #onDelivered: (chunk: Chunk) => void;
  readonly #gathers: () => boolean;
  readonly #queue: fastq.queue<Chunk>;
  /** Chunks that were pushed and are neither acked nor failed. */
  #onTheWay = 0;
  #held = false;
  /** Still to be sent, those with least against them first. */
  #suspects: Chunk[] = [];
  #alone: Chunk | null = null;
  #aloneTimer: NodeJS.Timeout | null = null;
  /** Suspects on the way that are not alone any more. */
  #silent = 0;
  #witnesses = 0;
  #onIdle: () => void = () => {};

  /**
   * @param options.maxInFlight chunks on the way at a time
   * @param options.onDelivered called for each chunk that is acked (or written, without acks)
   */
  constructor(options: {
    connection: ForwardConnection;
    window: SendWindow;
    maxInFlight: number;
    suspectMs: number;
    onDelivered: (chunk: Chunk) => void;
    /** More is being gathered, and `pump` will be called for it. */
    gathers: () => boolean;
  }) {
    const { connection, window, maxInFlight } = options;
    this.#connection = connection;
    this.#suspectMs = options.suspectMs;
    this.#window = window;
    this.#onDelivered = options.onDelivered;
    this.#gathers = options.gathers;
    this.#queue = fastq<ForwardConnection, Chunk>(
      connection,
      (chunk, done) => connection.send(chunk, done),
      maxInFlight,
    );
  }

  start(): void {
    const { unacked } = this.#window;
    this.#suspects = unacked.filter(isSuspect).sort(bySuspicion);
    for (const chunk of unacked) if (!isSuspect(chunk)) this.#push(chunk);
    this.pump();
  }

  /** Cuts and sends as much as the window takes, or a suspect, if it is the time for that. */
  pump(): void {
    if (!this.#held && this.#alone === null) {
      const due = this.#suspects.length > 0 && this.#silent < maxSilent;
      if (!due || this.#connection.acked === 0) this.#cut();
      if (due && this.#onTheWay === this.#silent) this.#sendAlone(this.#suspects.shift()!);
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
    if (this.#aloneTimer !== null) clearTimeout(this.#aloneTimer);
    this.#queue.kill();
  }

  #cut(): void {
    for (;;) {
      const chunks = this.#window.next();
      for (const chunk of chunks.length > 0 ? chunks : this.#witness()) this.#push(chunk);
      if (chunks.length === 0) return;
    }
  }

  /**
   * Where suspects hold up so much that nothing more is cut, one more batch all the same: before the
   * first suspect, and once one keeps silent. Without it nothing could tell against them any more.
   */
  #witness(): readonly Chunk[] {
    const suspects = this.#suspects.length + this.#silent;
    if (suspects === 0 || this.#witnesses > Math.min(1, this.#silent)) return [];
    const chunks = this.#window.next(true);
    if (chunks.length > 0) this.#witnesses++;
    return chunks;
  }

  #sendAlone(chunk: Chunk): void {
    this.#alone = chunk;
    this.#aloneTimer = setTimeout(
      () => {
        this.#alone = null;
        this.#silent++;
        this.pump();
      },
      this.#suspectMs * 2 ** Math.min(maxDoublings, chunk.strikes),
    );
    this.#push(chunk);
  }

  /** An ack makes a suspect one like the others. */
  #clear(chunk: Chunk): void {
    if (this.#alone === chunk) {
      this.#alone = null;
      clearTimeout(this.#aloneTimer!);
    } else if (isSuspect(chunk)) this.#silent--;
  }

  #push(chunk: Chunk): void {
    this.#onTheWay++;
    this.#queue.push(chunk, (failure) => {
      this.#onTheWay--;
      if (failure !== null) return;
      this.#clear(chunk);
      this.#onDelivered(chunk);
      // Else what has just begun to gather would leave in small pieces, one for each ack.
      if (!this.#gathers()) this.pump();
      else if (this.#onTheWay === 0) this.#onIdle();
    });
  }
}
