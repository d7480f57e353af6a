/**
 * How late the event loop is. Two histograms, each begun anew every two minutes in turn, so that a reading covers the
 * last one to two minutes whoever else has read.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 10;
const turnMs = 60_000;
const nsPerSecond = 1e9;

export class EventLoopDelay {
  /** The older one first. */
  #histograms: readonly [IntervalHistogram, IntervalHistogram] = [begun(), begun()];
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#turn(), turnMs);
    this.#timer.unref();
  }

  /** @param percentile above 0, at most 100 */
  seconds(percentile: number): number {
    const [histogram] = this.#histograms;
    // What is measured is the time between two ticks, the wanted one included.
    const late = histogram.percentile(percentile) - resolutionMs * 1e6;
    return Math.max(0, late) / nsPerSecond;
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const histogram of this.#histograms) histogram.disable();
  }

  #turn(): void {
    const [older, newer] = this.#histograms;
    older.reset();
    this.#histograms = [newer, older];
  }
}

function begun(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return histogram;
}
