/**
 * What became of every event, by its number. Nothing here asks the program: what was taken in is the
 * sender's proof, what was delivered is what the receivers hold.
 */
import type { Range } from './proof.js';

const sent = 1;
const taken = 2;
const udp = 4;
const delivered = 8;
const twice = 16;
/** In `dead-letter/` of the spool. */
const aside = 32;
/** Was in bytes of the spool that we have damaged. */
const damaged = 64;
const piece = 128;

export interface Totals {
  readonly sent: number;
  readonly udp: number;
  readonly takenIn: number;
  readonly delivered: number;
  /** Events that came more than once. */
  readonly deliveredTwice: number;
  /** Taken in, and nowhere. */
  readonly lost: number;
  /** Not delivered, in `dead-letter/`. */
  readonly setAside: number;
  /** Not delivered, in bytes of the spool that we have damaged. */
  readonly damaged: number;
  /** Not proven to have been taken in: those that arrived, and those that did not. */
  readonly maybeDelivered: number;
  readonly maybeNot: number;
}

export interface Unlearned extends Range {
  /** The program said that it let go of what it had on disk; else what was taken in must be learned. */
  readonly evenTaken: boolean;
}

export class Ledger {
  readonly #marks: Uint8Array;
  readonly alerts = new Set<number>();
  /** Sentences: what must not be. */
  readonly unexplained: string[] = [];
  /** Deliveries beyond the first, and how many of them in a chunk that had come before. */
  repeats = 0;
  repeatsInResentChunks = 0;
  /** Events of which a piece came, pieces that end before the number, and what may leave one each. */
  readonly pieces = new Set<number>();
  namelessPieces = 0;
  connectionEnds = 0;
  /** What a process may not have learned for good that died while its disk took nothing in. */
  readonly maybeUnlearned: Unlearned[] = [];
  /** Repeats that faults may have caused at most. */
  mayRepeat = 0;
  /** Taken in and neither delivered nor accounted for, so far. */
  outstanding = 0;
  end = 0;
  /** Heard from a receiver before the sender's word for them was. */
  #early: string[] = [];

  constructor(maxEvents: number) {
    this.#marks = new Uint8Array(maxEvents);
  }

  wasSent({ from, count }: Range, byUdp: boolean): void {
    this.#marks.fill(byUdp ? sent | udp : sent, from, from + count);
    this.end = Math.max(this.end, from + count);
  }

  /** A connection was ended within it. */
  wasCut(number: number): void {
    this.#marks[number] = sent | piece;
    this.end = Math.max(this.end, number + 1);
  }

  wasTakenIn({ from, count }: Range): void {
    for (let number = from; number < from + count; number++) {
      if (!this.#is(number, delivered | aside | damaged)) this.outstanding++;
      this.#marks[number]! |= taken;
    }
  }

  /** A line of `classify.ts`. */
  wasDelivered(line: string): void {
    const [how, word, again] = line.split(' ');
    const number = Number(word);
    if (how === 'm') this.problem(`a record that nobody sent: ${line.slice(2)}`);
    else if (how === 'f') this.namelessPieces += again === 'r' || word === 'r' ? 0 : 1;
    else if (!this.#is(number, sent)) this.#early.push(line);
    else if (how === 'p') this.#pieceOf(number);
    else {
      if (how === 'a') this.alerts.add(number);
      this.#whole(number, again === 'r');
    }
  }

  /** Looks once more at what came before the sender's word for it. */
  retryEarly(): void {
    for (const line of this.#early.splice(0)) this.wasDelivered(line);
  }

  /** To be called once all that the sender has to say has been heard. */
  settle(): void {
    this.retryEarly();
    for (const line of this.#early.splice(0)) this.problem(`came and was never sent: ${line}`);
    if (this.pieces.size > this.connectionEnds || this.namelessPieces > 3 * this.connectionEnds) {
      const pieces = `${this.pieces.size} + ${this.namelessPieces}`;
      this.problem(`${pieces} pieces came, and only ${this.connectionEnds} connections ended`);
    }
    if (this.repeats > this.mayRepeat) {
      this.problem(`${this.repeats} repeats, of which faults explain ${this.mayRepeat} at most`);
    }
  }

  wasSetAside(number: number): void {
    this.#account(number, aside);
  }

  /** @returns whether it has not been delivered so far */
  wasDamaged(number: number): boolean {
    const isNew = !this.#is(number, delivered);
    this.#account(number, damaged);
    return isNew;
  }

  problem(sentence: string): void {
    // Bounded: a flood of the same tells no more than its beginning.
    if (this.unexplained.length < 200) this.unexplained.push(sentence);
  }

  isDelivered(number: number): boolean {
    return this.#is(number, delivered);
  }

  isSetAside(number: number): boolean {
    return this.#is(number, aside);
  }

  /** It may be in the baseline or not, though it was delivered. */
  isUnsureLearned(number: number): boolean {
    if (this.#is(number, damaged)) return true;
    const isTaken = this.#is(number, taken);
    return this.maybeUnlearned.some(
      ({ from, count, evenTaken }) =>
        number >= from && number < from + count && (evenTaken || !isTaken),
    );
  }

  isDamaged(number: number): boolean {
    return this.#is(number, damaged);
  }

  lostNumbers(from = 0, to = this.end): number[] {
    const lost: number[] = [];
    for (let number = from; number < to; number++) {
      if (this.#is(number, taken) && !this.#is(number, delivered | aside | damaged)) {
        lost.push(number);
      }
    }
    return lost;
  }

  /** Of the numbers from `from` to `to`. */
  totals(from = 0, to = this.end): Totals {
    const counts = new Map<number, number>();
    for (let number = from; number < to; number++) {
      const marks = this.#marks[number]!;
      counts.set(marks, (counts.get(marks) ?? 0) + 1);
    }
    const count = (all: number, none = 0): number => {
      let sum = 0;
      for (const [marks, n] of counts) if ((marks & all) === all && (marks & none) === 0) sum += n;
      return sum;
    };
    return {
      sent: count(sent),
      udp: count(sent | udp),
      takenIn: count(taken),
      delivered: count(delivered),
      deliveredTwice: count(twice),
      lost: count(taken, delivered | aside | damaged),
      setAside: count(aside, delivered),
      damaged: count(damaged, delivered | aside),
      maybeDelivered: count(sent | delivered, taken),
      maybeNot: count(sent, taken | delivered | aside | damaged),
    };
  }

  #whole(number: number, resent: boolean): void {
    if (this.#is(number, piece)) this.problem(`event ${number} came whole, half of it was sent`);
    if (this.#is(number, delivered)) {
      this.#marks[number]! |= twice;
      this.repeats++;
      if (resent) this.repeatsInResentChunks++;
      return;
    }
    this.#account(number, delivered);
  }

  #pieceOf(number: number): void {
    this.pieces.add(number);
    if (this.#is(number, taken)) this.problem(`event ${number} was taken in whole; a piece came`);
  }

  #account(number: number, mark: number): void {
    if (this.#is(number, taken) && !this.#is(number, delivered | aside | damaged)) {
      this.outstanding--;
    }
    this.#marks[number]! |= mark;
  }

  #is(number: number, any: number): boolean {
    return (this.#marks[number]! & any) !== 0;
  }
}
