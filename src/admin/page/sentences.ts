/** Is it well? One plain sentence for each part; what is wrong says what to do. */
import { formatSize } from '../../config/units.js';
import { count, countOf } from '../../observe/counted.js';
import { notReadyReasons } from '../health.js';
import { type ObservedOutput, oldestAgeMs, type RunState } from '../observed.js';

/** `wait`: it is not as it will be, and needs nothing done now. */
export type Mood = 'good' | 'wait' | 'bad';

export interface Sentence {
  readonly part: string;
  readonly mood: Mood;
  readonly text: string;
}

/** What has waited longer for an output is told: it is away, or does not keep up. */
const lateMs = 10_000;
/** Feeds that are told of by name. */
const maxFeeds = 20;

export function sentences(state: RunState, nowMs: number): readonly Sentence[] {
  const { observed } = state;
  const reasons = notReadyReasons(state).map(
    (text): Sentence => ({
      part: 'intake',
      mood: state.phase === 'loading' ? 'wait' : 'bad',
      text,
    }),
  );
  if (observed === null) return reasons;
  const names = observed.inputs.map(({ name }) => name).join(', ');
  const listening: Sentence = {
    part: 'intake',
    mood: 'good',
    text: `events are taken in: ${names}`,
  };
  const nobody: Sentence = { part: 'intake', mood: 'bad', text: 'no listener is configured' };
  return [
    ...(reasons.length > 0 ? reasons : [observed.inputs.length > 0 ? listening : nobody]),
    ...observed.outputs.map((output) => ofOutput(output, nowMs)),
    ...observed.baselines().map(
      ({ direction, ready, text }): Sentence => ({
        part: `baseline, ${direction}`,
        mood: ready ? 'good' : 'wait',
        text,
      }),
    ),
    ...observed
      .feeds()
      .slice(0, maxFeeds)
      .map(
        ({ feed, status, text }): Sentence => ({
          part: `feed ${feed.name}`,
          mood: status === 'unjudgeable' || status === 'weak' ? 'bad' : 'good',
          text: text === '' ? feedInWords(feed.events, feed.jpegs, status) : text,
        }),
      ),
  ];
}

function feedInWords(events: number, jpegs: number, status: string): string {
  const of = `${countOf(events, 'event')}, ${count(jpegs)} of them JPEGs`;
  return status === 'too few' ? `${of}: too few to tell` : `${of}, which can be judged`;
}

function ofOutput(output: ObservedOutput, nowMs: number): Sentence {
  const { name, spool, counters, maxBytes } = output;
  const part = `output ${name}`;
  const events = output.events();
  const waiting = `${countOf(events, 'event')} (${bytes(spool.bytes)} of at most ${formatSize(maxBytes)})`;
  if (!output.writable()) {
    return { part, mood: 'bad', text: `its spool cannot be written to: ${waiting} wait` };
  }
  const ageMs = oldestAgeMs(output, nowMs);
  if (ageMs === null || ageMs > lateMs) {
    const since = ageMs === null ? '' : `, the oldest for ${duration(ageMs)}`;
    return { part, mood: 'bad', text: `it is away or does not keep up: ${waiting} wait${since}` };
  }
  if (counters.connects === 0) {
    const text = spool.batches === 0 ? 'not connected yet' : `not connected yet: ${waiting} wait`;
    return { part, mood: 'wait', text };
  }
  const dropped = counters.spool_dropped_events;
  const lost = dropped > 0 ? `; ${countOf(dropped, 'event')} DROPPED when its spool was full` : '';
  const text = `${countOf(counters.events_acked, 'event')} delivered${lost}`;
  return { part, mood: dropped > 0 ? 'bad' : 'good', text };
}

function bytes(size: number): string {
  if (size < 1024) return `${size} bytes`;
  const unit = 1024 ** Math.floor(Math.log2(size) / 10);
  return formatSize(Math.round(size / unit) * unit);
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
