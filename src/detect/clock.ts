/**
 * The one clock of detection. It shows the latest time of any JPEG event so far: its receipt, or with
 * `time: event` its own time. Events that the rule does not look at cannot disturb it.
 *
 *     clock - maxLateness      clock                 receipt (the wall) + maxFuture
 *     ------------|--------------|------------------------------|----------------> time of an event
 *      late:      | in order:    | in order:                    | not believed:
 *      at clock   | at its time  | at its time, moves the clock | as if it had no time
 *
 * It never goes back, with one exception: it is never left more than `max_future` ahead of the wall, so
 * a wall clock that was wrong for a while does not hold it in the future.
 */
import type { DetectionConfig } from '../config/config.js';
import type { Counters } from '../observe/counters.js';
import type { ClockReading } from '../stages.js';

const notYet: ClockReading = { ms: 0, timedReceiptMs: 0 };

export class DetectionClock {
  /** Epoch ms; 0 before the first event. */
  ms: number;
  readonly #byEventTime: boolean;
  readonly #maxFutureMs: number;
  readonly #maxLatenessMs: number;
  readonly #counters: Counters;
  /** Receipt of the last event that had a time of its own; 0 before it. */
  #timedReceiptMs: number;

  /** @param from where it stood before a restart */
  constructor(
    detection: Pick<DetectionConfig, 'time' | 'maxFutureMs' | 'maxLatenessMs'>,
    counters: Counters,
    from = notYet,
  ) {
    this.ms = from.ms;
    this.#timedReceiptMs = from.timedReceiptMs;
    this.#byEventTime = detection.time === 'event';
    this.#maxFutureMs = detection.maxFutureMs;
    this.#maxLatenessMs = detection.maxLatenessMs;
    this.#counters = counters;
  }

  get reading(): ClockReading {
    return { ms: this.ms, timedReceiptMs: this.#timedReceiptMs };
  }

  /** The moment at which an event is judged and into which it is learned; moves the clock. */
  momentOf(eventTimeMs: number, receivedAtMs: number): number {
    if (this.ms > receivedAtMs + this.#maxFutureMs) this.ms = receivedAtMs + this.#maxFutureMs;
    const timeMs = this.#byEventTime ? this.#believed(eventTimeMs, receivedAtMs) : receivedAtMs;
    if (timeMs < this.ms - this.#maxLatenessMs) {
      this.#counters.late_events++;
      return this.ms;
    }
    if (timeMs > this.ms) this.ms = timeMs;
    return timeMs;
  }

  /**
   * An event without a time of its own, or with one from the future or from before 1970, is taken at the clock while events
   * with a time keep coming, so that it cannot pull a replay of old logs into the present; without such
   * events at its receipt, so that a feed that never has a time is judged all the same.
   */
  #believed(eventTimeMs: number, receivedAtMs: number): number {
    const future = eventTimeMs > receivedAtMs + this.#maxFutureMs;
    if (future) this.#counters.future_events++;
    // Not `< 0`: NaN is no moment either.
    if (!future && eventTimeMs >= 0) {
      this.#timedReceiptMs = receivedAtMs;
      return eventTimeMs;
    }
    const clockRuns = receivedAtMs - this.#timedReceiptMs <= this.#maxLatenessMs;
    return clockRuns ? this.ms : receivedAtMs;
  }
}
