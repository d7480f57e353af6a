/** One run: warm-up, then counted events, from the sender through the program to the sink. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeReading } from '../probe.js';
import type { SenderCommand, SenderSettings, SentReport } from '../sender.js';
import type { SinkCommand, SinkCounts } from '../sink.js';
import type { Bench } from './bench.js';
import type { Child } from './children.js';
import { cpuOf, peakMiB } from './proc.js';
import type { Subject } from './subjects.js';

export interface Figures {
  /** Counted events that arrived. */
  readonly events: number;
  /** User and system of all threads and child processes, per event that arrived; microseconds. */
  readonly userMicros: number;
  readonly systemMicros: number;
  readonly cpuMicros: number;
  readonly perSecond: number;
  /** Of the resident set since the start. */
  readonly peakMiB: number;
  /** Milliseconds; null for programs that are not of Node.js. */
  readonly loopDelay: ProbeReading['loopDelay'] | null;
  /** Pauses by the collector, of the CPU time; and their number. */
  readonly gc: { readonly share: number; readonly count: number } | null;
  /** Milliseconds; null where records tell no time of receipt. */
  readonly latency: SinkCounts['latency'];
  readonly sent: SentReport;
  /** Of warm-up and counted events together: for reconciling. */
  readonly sentInAll: number;
  readonly arrivedInAll: number;
  /** What the program said, its end included. */
  readonly output: string;
}

const distinctLines = 50_000;
const pollMs = 20;
/** All that is sent must have arrived by then. */
const arrivalDeadlineMs = 300_000;
/** Datagrams can be lost: when nothing has come for so long, nothing will. */
const quietMs = 2_000;

export async function measure(bench: Bench, subject: Subject): Promise<Figures> {
  const folder = bench.folder();
  const { children } = bench;
  const sink = children.startOwn('sink', { mode: subject.sinkMode });
  const sinkPort = (await sink.hears()) as number;
  const { child, port } = await subject.start(folder, sinkPort);
  const sender = await startSender(bench, subject, port);

  const warm = await send(sender, subject.warmUp, false);
  const before = await arrival(sink, warm.sent, subject);
  await ask(sink, { kind: 'resetLatency' });
  if (subject.probed) await child.ask({ kind: 'reset' });
  const cpuBefore = cpuOf(child.pid);
  const sent = await send(sender, subject.events, subject.rate !== null);
  const after = await arrival(sink, warm.sent + sent.sent, subject);
  const cpuAfter = cpuOf(child.pid);
  const probe = subject.probed ? ((await child.ask({ kind: 'read' })) as ProbeReading) : null;
  const peak = peakMiB(child.pid);

  await children.end(sender);
  await children.end(child, 'SIGTERM');
  await children.end(sink);
  bench.remove(folder);

  // What was late of the warm-up's datagrams is among them: that changes nothing that could be measured.
  const events = after.events - before.events;
  const userSeconds = cpuAfter.user - cpuBefore.user;
  const systemSeconds = cpuAfter.system - cpuBefore.system;
  const cpuSeconds = userSeconds + systemSeconds;
  return {
    events,
    userMicros: (userSeconds * 1e6) / events,
    systemMicros: (systemSeconds * 1e6) / events,
    cpuMicros: (cpuSeconds * 1e6) / events,
    perSecond: events / ((after.lastArrivalMs - sent.beganMs) / 1000),
    peakMiB: peak,
    loopDelay: probe?.loopDelay ?? null,
    gc: probe && { share: probe.gcPauseMs / 1000 / cpuSeconds, count: probe.gcCount },
    latency: after.latency,
    sent,
    sentInAll: warm.sent + sent.sent,
    arrivedInAll: after.events,
    output: child.output,
  };
}

async function startSender(bench: Bench, subject: Subject, port: number): Promise<Child> {
  const { protocol, connections, rate } = subject;
  const { seed } = bench.options;
  const settings: SenderSettings = { protocol, port, connections, seed, distinctLines, rate };
  const sender = bench.children.startOwn('sender', settings);
  await sender.hears();
  return sender;
}

async function send(sender: Child, count: number, paced: boolean): Promise<SentReport> {
  const command: SenderCommand = { send: count, paced };
  return (await sender.ask(command)) as SentReport;
}

async function ask(sink: Child, command: SinkCommand): Promise<SinkCounts> {
  return (await sink.ask(command)) as SinkCounts;
}

/** Waits until `expected` have arrived, of datagrams what is not lost. */
async function arrival(sink: Child, expected: number, subject: Subject): Promise<SinkCounts> {
  const until = performance.now() + arrivalDeadlineMs;
  let counts = await ask(sink, { kind: 'counts' });
  while (counts.events < expected) {
    if (performance.now() > until) {
      throw new Error(
        `${subject.name}: ${counts.events} of ${expected} have arrived, no more come`,
      );
    }
    await sleep(pollMs);
    counts = await ask(sink, { kind: 'counts' });
    if (subject.protocol === 'udp' && Date.now() - counts.lastArrivalMs > quietMs) break;
  }
  return counts;
}
