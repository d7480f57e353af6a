/**
 * One attempt at a connection to a Forward receiver: connect, log in if there is a shared key, send
 * chunks, match acks. It fails once, for one reason, and is then thrown away; docs/adr/0005 says why.
 *
 *     connect --> login --> deliver --> failed
 *        '----------'----------'--------^        each phase has a deadline of ours
 *
 * Chunks are written one after the other, so that at most one waits in this process for the kernel;
 * each has `writeMs` to be handed over and then `ackMs` to be acked. Without acks a chunk counts as
 * delivered once it is handed over.
 *
 * Never throws and never rejects: what goes wrong ends in `closed`, and in `done` of each chunk.
 */

import { performance } from 'node:perf_hooks';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import {
  CloseState,
  type FluentSocket,
  FluentSocketEvent,
} from '@fluent-org/logger/build/src/socket.js';
import type { OutputCounters } from '../../observe/counters.js';
import type { ConnectionFailure, Phase } from '../connection-failure.js';
import { type Chunk, compressChunk } from './chunk.js';
import { createFluentSocket, type GuardedSocket, type Login } from './fluent-socket.js';
import { ackFailure, closedFailure, deadlineFailure, socketFailure } from './forward-failure.js';
import type { ReplyGuard } from './reply-guard.js';
import type { Undelivered } from './suspicion.js';

export interface ConnectionDeadlines {
  readonly connectMs: number;
  readonly loginMs: number;
  readonly writeMs: number;
  readonly ackMs: number;
  /**
   * Without acks and without a shared key: how long to listen for a server that wants a login before
   * the first chunk is written, since it would throw the chunk away without a word.
   */
  readonly heloMs: number;
}

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly login: Login | null;
  /** Null: no TLS. Its handshake is part of connecting. */
  readonly tls: TlsOptions | null;
  readonly ack: boolean;
  readonly deadlines: ConnectionDeadlines;
  readonly counters: OutputCounters;
}

/** Called once per chunk: null when it is delivered. */
type Done = (failure: Error | null) => void;

interface InFlight {
  readonly chunk: Chunk;
  /** Place in the order of sending. */
  readonly place: number;
  readonly done: Done;
  begun: boolean;
  written: boolean;
  /** By a clock that only goes forward. */
  writtenAtMs: number;
  acked: boolean;
  ackTimer: NodeJS.Timeout | null;
}

/** The one reason that chunks end with; the words are in `closed`. */
const connectionFailed = new Error('the connection failed');

export class ForwardConnection {
  /** Resolves when the connection has ended, with the reason. */
  readonly closed: Promise<ConnectionFailure>;
  readonly #options: ConnectionOptions;
  readonly #socket: FluentSocket;
  readonly #guard: ReplyGuard;
  readonly #together: GuardedSocket['together'];
  readonly #inFlight = new Map<string, InFlight>();
  readonly #toWrite: Chunk[] = [];
  #writing = false;
  #phase: Phase = 'connect';
  #failed = false;
  #unknownAcks = 0;
  #acked = 0;
  #sent = 0;
  /** The latest place in the order of sending that was acked. */
  #lastAckedPlace = -1;
  #left: readonly Undelivered[] = [];
  /** The deadline of the phase or, in `deliver`, of the chunk that is being written. */
  #deadline: NodeJS.Timeout | null = null;
  #onOpened: (opened: boolean) => void = () => {};
  #onClosed: (failure: ConnectionFailure) => void = () => {};

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
    const { socket, guard, together } = createFluentSocket({
      host: options.host,
      port: options.port,
      login: options.login,
      tls: options.tls,
      onBadReply: (error) => this.#onError(error),
    });
    this.#socket = socket;
    this.#guard = guard;
    this.#together = together;
    this.#socket.on(FluentSocketEvent.CONNECTED, () => this.#onConnected());
    this.#socket.on(FluentSocketEvent.ESTABLISHED, () => this.#onEstablished());
    this.#socket.on(FluentSocketEvent.ACK, (id: string) => this.#onAck(id));
    this.#socket.on(FluentSocketEvent.ERROR, (error: unknown) => this.#onError(error));
    this.#socket.on(FluentSocketEvent.CLOSE, () => this.#fail(closedFailure(this.#phase)));
  }

  /** Chunks that were acked on it. */
  get acked(): number {
    return this.#acked;
  }

  /** Once it has ended: what it was given and did not deliver, in order of sending. */
  get left(): readonly Undelivered[] {
    return this.#left;
  }

  /** True once chunks may be sent, false if it has failed before (see `closed`). Call it once. */
  open(): Promise<boolean> {
    const opened = new Promise<boolean>((resolve) => {
      this.#onOpened = resolve;
    });
    this.#startDeadline(this.#options.deadlines.connectMs);
    // Its promise may stay pending for ever; the events say the same and more.
    this.#socket.connect().catch((error: unknown) => this.#onError(error));
    return opened;
  }

  send(chunk: Chunk, done: Done): void {
    if (this.#failed) {
      done(connectionFailed);
      return;
    }
    this.#inFlight.set(chunk.id, {
      chunk,
      place: this.#sent++,
      done,
      begun: false,
      written: false,
      writtenAtMs: 0,
      acked: false,
      ackTimer: null,
    });
    this.#toWrite.push(chunk);
    if (!this.#writing) this.#writeNext();
  }

  /** Ends it from our side; chunks in flight end undelivered. */
  close(): void {
    this.#fail({ kind: this.#phase, error: 'closed by stegwatch', hint: '' });
  }

  #onConnected(): void {
    if (this.#options.login === null) return;
    this.#phase = 'login';
    this.#startDeadline(this.#options.deadlines.loginMs);
  }

  #onEstablished(): void {
    if (this.#failed) return;
    this.#stopDeadline();
    this.#phase = 'deliver';
    const { ack, login, deadlines } = this.#options;
    if (ack || login !== null) this.#onOpened(true);
    else this.#deadline = setTimeout(() => this.#onOpened(true), deadlines.heloMs);
  }

  #writeNext(): void {
    const chunk = this.#toWrite.shift();
    this.#writing = chunk !== undefined;
    if (chunk === undefined) return;
    if (chunk.pieces !== null) this.#write(chunk, chunk.pieces);
    // One after the other, so that order holds.
    else {
      compressChunk(chunk).then(
        (pieces) => this.#write(chunk, pieces),
        (error: unknown) => this.#onError(error),
      );
    }
  }

  #write(chunk: Chunk, pieces: readonly Buffer[]): void {
    if (this.#failed) return;
    if (chunk.sends === 0) this.#options.counters.chunks_sent++;
    else this.#options.counters.chunks_resent++;
    chunk.sends++;
    this.#inFlight.get(chunk.id)!.begun = true;
    this.#startDeadline(this.#options.deadlines.writeMs);
    // `write` keeps the bytes as they are. All its promises are listened to, or a lost connection
    // would end the process.
    const written = this.#together(() => pieces.map((piece) => this.#socket.write(piece)));
    Promise.all(written).then(
      () => this.#onWritten(chunk),
      (error: unknown) => this.#onError(error),
    );
  }

  #onWritten(chunk: Chunk): void {
    if (this.#failed) return;
    this.#stopDeadline();
    const entry = this.#inFlight.get(chunk.id);
    if (entry !== undefined) {
      entry.written = true;
      entry.writtenAtMs = performance.now();
      if (entry.acked || !this.#options.ack) this.#settle(chunk.id, entry);
      else entry.ackTimer = this.#startAckTimer(chunk.id);
    }
    this.#writeNext();
  }

  #onAck(id: string): void {
    if (this.#failed) return;
    const entry = this.#inFlight.get(id);
    if (entry === undefined) {
      // Ids are random, so this ack cannot mean another chunk: a repeat, or a server gone wrong. If
      // it stands for one of ours, that one's deadline ends the connection.
      this.#unknownAcks++;
      this.#options.counters.acks_unknown++;
      return;
    }
    // The ack of an earlier sending of this chunk may overtake its writing. Its bytes are then still
    // being read, and the spool may only write over them once they are not.
    entry.acked = true;
    this.#acked++;
    this.#guard.progress();
    this.#lastAckedPlace = Math.max(this.#lastAckedPlace, entry.place);
    if (entry.written) this.#settle(id, entry);
  }

  #settle(id: string, entry: InFlight): void {
    this.#inFlight.delete(id);
    if (entry.ackTimer !== null) clearTimeout(entry.ackTimer);
    entry.done(null);
  }

  #startAckTimer(id: string): NodeJS.Timeout {
    const { ackMs } = this.#options.deadlines;
    return setTimeout(() => {
      afterReading(() => {
        if (this.#failed || !this.#inFlight.has(id)) return;
        this.#options.counters.ack_timeouts++;
        this.#fail(ackFailure(ackMs, this.#unknownAcks));
      });
    }, ackMs);
  }

  #startDeadline(ms: number): void {
    this.#stopDeadline();
    const deadline = setTimeout(() => {
      afterReading(() => {
        if (this.#deadline === deadline) this.#fail(deadlineFailure(this.#phase, ms));
      });
    }, ms);
    this.#deadline = deadline;
  }

  #stopDeadline(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
  }

  #onError(error: unknown): void {
    this.#fail(socketFailure(this.#phase, error));
  }

  #leave({ chunk, place, begun, written, writtenAtMs }: InFlight): Undelivered {
    return {
      chunk,
      begun,
      waitedMs: written ? performance.now() - writtenAtMs : 0,
      passedOver: place < this.#lastAckedPlace,
    };
  }

  #fail(failure: ConnectionFailure): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#stopDeadline();
    this.#socket.close(CloseState.FATAL);
    const undelivered = [...this.#inFlight.values()];
    this.#left = undelivered.filter(({ acked }) => !acked).map((entry) => this.#leave(entry));
    this.#inFlight.clear();
    this.#toWrite.length = 0;
    this.#onOpened(false);
    this.#onClosed(failure);
    for (const { done, ackTimer } of undelivered) {
      if (ackTimer !== null) clearTimeout(ackTimer);
      done(connectionFailed);
    }
  }
}

/**
 * If it was this process that stood still, what a deadline waits for may be there, unread: one turn of
 * the event loop to read it.
 */
function afterReading(then: () => void): void {
  setImmediate(then);
}
