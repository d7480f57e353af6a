/**
 * Whether a connection reads: while nothing holds it back, and in turns with the others of its listener, so that
 * no turn of the loop reads from all of them at once.
 *
 *     held ──last reason gone──► waits for its turn ──► reads ──► share used up: waits again
 */
import type { Socket } from 'node:net';
import { type ReadTurn, turnShareBytes } from './read-turn.js';

/** The reason of the listener: it is paused. Protocols have reasons of their own, one bit each. */
export const byListener = 1;

export class Reading {
  readonly #socket: Socket;
  readonly #turn: ReadTurn;
  readonly #now: () => number;
  #reasons = byListener;
  #waits = false;
  #ended = false;
  #turnNumber = -1;
  #turnBytes = 0;
  #sinceMs: number;

  /**
   * It begins as held by its listener.
   *
   * @param socket from which nothing has been read yet
   * @param now epoch ms
   */
  constructor(socket: Socket, turn: ReadTurn, now: () => number) {
    this.#socket = socket;
    this.#turn = turn;
    this.#now = now;
    this.#sinceMs = now();
    socket.pause();
  }

  /** It is neither held nor waits: what has not come, the sender has not sent. */
  get goesOn(): boolean {
    return this.#reasons === 0 && !this.#waits;
  }

  /** When it last went on reading, epoch ms: what came late before that is not the sender's fault. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  isHeldBy(reason: number): boolean {
    return (this.#reasons & reason) !== 0;
  }

  hold(reason: number): void {
    if (this.#ended) return;
    this.#reasons |= reason;
    this.#socket.pause();
  }

  /** With the last reason gone it reads on as soon as its turn has come. */
  release(reason: number): void {
    if (!this.isHeldBy(reason)) return;
    this.#reasons &= ~reason;
    if (this.#reasons === 0) this.#wait();
  }

  /** So much has been read. Lets others read once this turn's share is used up: what waits is the sender's, not lost. */
  took(bytes: number): void {
    const { number } = this.#turn;
    if (this.#turnNumber !== number) this.#turnBytes = 0;
    this.#turnNumber = number;
    this.#turnBytes += bytes;
    this.#turn.takes(bytes);
    if (this.#turnBytes >= turnShareBytes || this.#turn.full) this.#wait();
  }

  /** The socket is not paused or resumed from here any more. */
  end(): void {
    this.#ended = true;
  }

  #wait(): void {
    if (this.#ended || this.#waits) return;
    this.#waits = true;
    this.#socket.pause();
    this.#turn.wait(this.#readOn);
  }

  readonly #readOn = (): void => {
    this.#waits = false;
    if (this.#ended || this.#reasons !== 0) return;
    this.#sinceMs = this.#now();
    this.#socket.resume();
  };
}
