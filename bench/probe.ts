/**
 * Looks at a process of Node.js from within, so that the product holds nothing for the bench:
 *
 *     node --import ./build/bench/probe.js dist/cli.js run …
 *
 * Answers its parent by message: `reset` begins anew, `read` tells what was since. Costs a timer each
 * millisecond, in every program that is measured.
 */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

export interface ProbeReading {
  /** How much later than wanted a timer came; ms. */
  readonly loopDelay: {
    readonly p50: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
  };
  readonly gcCount: number;
  /** Time in which the collector held up the main thread; its other threads are in the CPU time. */
  readonly gcPauseMs: number;
}

export type ProbeCommand = { readonly kind: 'reset' | 'read' };

const resolutionMs = 1;
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
let gcCount = 0;
let gcPauseMs = 0;

const collections = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    gcCount++;
    gcPauseMs += duration;
  }
});

if (process.send) {
  delay.enable();
  collections.observe({ entryTypes: ['gc'] });
  process.on('message', ({ kind }: ProbeCommand) => {
    // What the collector has done is told a turn later.
    setImmediate(() => {
      const reading = read();
      if (kind === 'reset') {
        delay.reset();
        gcCount = 0;
        gcPauseMs = 0;
      }
      process.send!(reading);
    });
  });
  // It must not keep the process from ending.
  process.channel!.unref();
}

function read(): ProbeReading {
  // The histogram holds the time from one tick to the next.
  const beyond = (nanos: number): number => Math.max(0, nanos / 1e6 - resolutionMs);
  return {
    loopDelay: {
      p50: beyond(delay.percentile(50)),
      p99: beyond(delay.percentile(99)),
      p999: beyond(delay.percentile(99.9)),
      max: beyond(delay.max),
    },
    gcCount,
    gcPauseMs,
  };
}
