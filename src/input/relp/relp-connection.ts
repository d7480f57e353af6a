/**
 * One RELP sender: its session and the messages of it that await their ack.
 *
 *     opening --open--> ready --close--> closing --all acked--> ended
 *        '---------------'------fault, no ack, cut off---------^
 *
 * A message is answered with `200 OK` once it is stored, and never with an error: rsyslog takes an error
 * for an answer and forgets the message. What cannot be stored ends the session instead, unanswered, and the
 * sender sends it again. Likewise what was received but not answered when a connection is lost.
 *
 * Reading stops while the listener is paused (the spool is full), while too much awaits its ack, while the
 * sender does not take our answers, and once it has had its share of a turn. So what a connection holds is
 * bounded.
 */

import type { Socket } from 'node:net';
import { withoutDelimiter } from '../../framing/delimiter.js';
import type { Counters } from '../../observe/counters.js';
import type { Logger } from '../../observe/log.js';
import type { QuietLines } from '../../observe/quiet-lines.js';
import type { FrameSink, Peer } from '../../stages.js';
import type { ReadTurn } from '../read-turn.js';
import { byListener, Reading } from '../reading.js';
import type { Overdue, StreamConnection } from '../stream-server.js';
import type { Acked, AckGroup } from './ack-group.js';
import { type RelpCommand, RelpFramer, type RelpHandler } from './relp-framer.js';
import { Unacked } from './unacked.js';

export interface RelpConnectionOptions {
  readonly maxMessageBytes: number;
  readonly sink: FrameSink;
  readonly acks: AckGroup;
  readonly counters: Counters;
  readonly log: Logger;
  readonly complaints: QuietLines;
  readonly now: () => number;
}

/**
 * Messages of a connection that may await their ack before we stop reading from it; one read more than
 * this at most. rsyslog sends at most 128 ahead by default.
 */
export const maxUnacked = 10_000;
/** A stop waits no longer than this for a disk that stores nothing any more. */
const maxAnswerMs = 5_000;
/** After our last words the sender should close too; else we do, which may cost it the last answers. */
const maxLingerMs = 1_000;

/** Reasons not to read, besides the listener's. */
const byWindow = 2;
const byAnswers = 4;
const byStop = 8;

const offers = '200 OK\nrelp_version=0\nrelp_software=stegwatch\ncommands=syslog';
const serverClose = '0 serverclose 0\n';

export class RelpConnection implements StreamConnection, RelpHandler, Acked {
  readonly peer: Peer;
  readonly socket: Socket;
  readonly #options: RelpConnectionOptions;
  readonly #framer: RelpFramer;
  readonly #reading: Reading;
  readonly #unacked = new Unacked();
  /** Of the unacked, how many the flush under way covers. */
  #covered = 0;
  #state: 'opening' | 'ready' | 'closing' | 'ended' = 'opening';
  #closeTxnr = 0;
  #lastDataAtMs: number;
  /** Since when the sender has not taken our answers; 0 while it does. */
  #answersHeldSinceMs = 0;
  #endedAtMs = 0;
  #onAnswered: () => void = () => {};

  /** @param turn one for all connections of a listener */
  constructor(socket: Socket, address: string, turn: ReadTurn, options: RelpConnectionOptions) {
    this.socket = socket;
    this.peer = { address };
    this.#options = options;
    this.#reading = new Reading(socket, turn, options.now);
    this.#lastDataAtMs = options.now();
    this.#framer = new RelpFramer({ maxMessageBytes: options.maxMessageBytes, handler: this });
    socket.on('data', this.#receive);
    socket.on('drain', () => {
      this.#answersHeldSinceMs = 0;
      this.#reading.release(byAnswers);
    });
  }

  pause(): void {
    this.#reading.hold(byListener);
  }

  resume(): void {
    this.#reading.release(byListener);
  }

  /** @param limits milliseconds; 0 = none */
  overdue(limits: { readonly frameTimeoutMs: number; readonly idleTimeoutMs: number }): Overdue {
    const now = this.#options.now();
    const { frameTimeoutMs, idleTimeoutMs } = limits;
    if (this.#state === 'ended') {
      if (now - this.#endedAtMs > maxLingerMs) this.socket.destroy();
      return null;
    }
    if (this.#answersHeldSinceMs > 0) {
      // The same time that a sender has to finish a frame; it is no frame, so it has its own words.
      if (frameTimeoutMs > 0 && now - this.#answersHeldSinceMs > frameTimeoutMs) {
        this.#options.counters.relp_closed_answers_not_read++;
        this.#complain('it did not read our answers within listen.relp.frame_timeout');
        this.#close();
      }
      return null;
    }
    // It waits for us.
    if (this.#unacked.size > 0 || !this.#reading.goesOn) return null;
    const waitedFor = (sinceMs: number) => now - Math.max(sinceMs, this.#reading.sinceMs);
    if (this.#framer.pending && frameTimeoutMs > 0) {
      if (waitedFor(this.#framer.pendingSinceMs) > frameTimeoutMs) return 'unfinished';
    }
    if (idleTimeoutMs > 0 && waitedFor(this.#lastDataAtMs) > idleTimeoutMs) return 'idle';
    return null;
  }

  /** Reads no more, answers what is stored, and tells the sender that we go. */
  async answered(): Promise<void> {
    this.#reading.hold(byStop);
    if (this.#state !== 'ended' && this.#unacked.size > 0) {
      await within(maxAnswerMs, (resolve) => {
        this.#onAnswered = resolve;
      });
    }
    this.#close();
    if (!this.socket.destroyed) {
      await within(maxLingerMs, (resolve) => this.socket.once('close', resolve));
    }
  }

  /** What was received and not answered is sent again by the sender, so nothing more is handed over. */
  end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#endedAtMs = this.#options.now();
    this.#framer.stop();
    this.#reading.end();
    this.socket.off('data', this.#receive);
    this.#options.counters.relp_acks_withheld += this.#unacked.size;
    this.#unacked.clear();
    this.#covered = 0;
    this.#onAnswered();
  }

  readonly #receive = (chunk: Buffer): void => {
    const { counters, now, acks } = this.#options;
    const at = now();
    this.#lastDataAtMs = at;
    counters.received_bytes += chunk.length;
    counters.received_bytes_relp += chunk.length;
    const before = this.#unacked.size;
    this.socket.cork();
    this.#framer.push(chunk, at);
    this.socket.uncork();
    if (this.#unacked.size > before) acks.received(this);
    if (this.#unacked.size >= maxUnacked) {
      counters.relp_window_pauses++;
      this.#reading.hold(byWindow);
    }
    this.#heedAnswers();
    this.#reading.took(chunk.length);
  };

  message(
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    receivedAtMs: number,
    txnr: number,
  ): void {
    if (this.#state !== 'ready') {
      this.fault('a message came before "open"');
      return;
    }
    const { counters, sink } = this.#options;
    this.#unacked.add(txnr);
    const whole = end - start === originalLength;
    const to = whole ? withoutDelimiter(bytes, start, end) : end;
    if (to === start) {
      counters.frames_skipped_empty++;
      return;
    }
    counters.received_frames++;
    counters.received_frames_relp++;
    if (!whole) counters.frames_truncated++;
    sink.frame(bytes, start, to, whole ? to - start : originalLength, receivedAtMs, this.peer);
  }

  command(command: RelpCommand, txnr: number): void {
    if (command === 'open') {
      if (this.#state !== 'opening') {
        this.fault('a second "open" came');
        return;
      }
      this.#state = 'ready';
      this.#answer(txnr, offers);
    } else if (command === 'close') {
      this.#framer.stop();
      this.#state = 'closing';
      this.#closeTxnr = txnr;
      if (this.#unacked.size === 0) this.#close();
    } else {
      this.#options.counters.relp_unknown_commands++;
      // A hint (TXNR 0) must not be answered.
      if (txnr !== 0) this.#answer(txnr, '500 command not supported');
    }
  }

  fault(problem: string): void {
    this.#options.counters.relp_protocol_errors++;
    this.#complain(problem);
    this.#close();
  }

  covered(): boolean {
    this.#covered = this.#unacked.size;
    return this.#covered > 0;
  }

  settled(stored: boolean): void {
    if (this.#state === 'ended') return;
    if (!stored) {
      this.#complain('what it sent could not be stored; it will send it again');
      this.#close();
      return;
    }
    if (!this.socket.writable) {
      this.end();
      return;
    }
    this.#options.counters.relp_acks += this.#covered;
    this.#write(this.#unacked.answers(this.#covered));
    this.#covered = 0;
    if (this.#unacked.size === 0) {
      if (this.#state === 'closing') this.#close();
      this.#onAnswered();
    }
    if (this.#unacked.size < maxUnacked) {
      this.#reading.release(byWindow);
    }
  }

  #answer(txnr: number, text: string): void {
    this.#write(`${txnr} rsp ${Buffer.byteLength(text)} ${text}\n`);
  }

  /** What cannot be written is lost with the connection, and then the sender sends again. */
  #write(answers: string | Buffer): void {
    if (this.socket.writable) this.socket.write(answers);
    this.#heedAnswers();
  }

  #heedAnswers(): void {
    if (!this.socket.writableNeedDrain || this.#reading.isHeldBy(byAnswers)) return;
    this.#answersHeldSinceMs = this.#options.now();
    this.#reading.hold(byAnswers);
  }

  /** Says so as the protocol has it (librelp: `close` is answered with no data), then lets the socket go. */
  #close(): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'closing' && this.#unacked.size === 0 && this.#closeTxnr !== 0) {
      this.#write(`${this.#closeTxnr} rsp 0\n`);
    }
    this.end();
    this.#write(serverClose);
    // Unread input would turn the close into a reset, which may overtake the last answers.
    this.socket.resume();
    this.socket.end();
  }

  #complain(reason: string): void {
    const { log, complaints } = this.#options;
    const heldBack = complaints.mayWrite(reason);
    if (heldBack === null) return;
    const peer = this.peer.address;
    log.warn({ code: 'RELP_CLOSED', peer, heldBack }, `closed a RELP connection: ${reason}`);
  }
}

/** Resolves when `begin` calls what it is given, or after so many milliseconds. */
async function within(ms: number, begin: (resolve: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
    begin(resolve);
  });
  clearTimeout(timer);
}
