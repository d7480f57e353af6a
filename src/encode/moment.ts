/**
 * A moment as it is passed on from function to function, reused: a number as large as epoch milliseconds is put into a
 * box of its own at each call that V8 does not inline, and that is an object per event.
 */
export class Moment {
  /** Epoch ms; NaN if there is none. */
  ms = Number.NaN;

  /** For what is rare, and for tests. */
  static at(ms: number): Moment {
    const moment = new Moment();
    moment.ms = ms;
    return moment;
  }
}
