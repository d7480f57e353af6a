/** Is it well? One plain sentence for each part; what is wrong says what to do. */
import { count, countOf, sizeInWords } from '../../observe/counted.js';
import { notReadyReasons } from '../health.js';
import {
  type FeedFacts,
  type Observed,
  type ObservedOutput,
  oldestAgeMs,
  type RunState,
} from '../observed.js';

/** What needs a look, one line each, for who asks whether all is well. */
export function concerns(state: RunState, nowMs: number): readonly string[] {
  return sentences(state, nowMs)
    .filter(({ mood, part }) => mood === 'bad' && part !== 'intake')
    .map(({ part, text }) => `${part}: ${text}`);
}

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
  const reasons = notReadyReasons(state);
  const mood = state.phase === 'loading' ? 'wait' : 'bad';
  const intake = reasons.map((text): Sentence => ({ part: 'intake', mood, text }));
  if (observed === null) return intake;
  return [
    ...(intake.length > 0 ? intake : [listening(observed)]),
    ...observed.outputs.flatMap((output) => [ofOutput(output, nowMs), ofSpool(output)]),
    ...observed.baselines().map(
      ({ direction, ready, text }): Sentence => ({
        part: `baseline, ${direction}`,
        mood: ready ? 'good' : 'wait',
        text,
      }),
    ),
    ...ofFeeds(observed.feeds()),
  ];
}

function listening({ inputs }: Observed): Sentence {
  if (inputs.length === 0)
    return { part: 'intake', mood: 'bad', text: 'no listener is configured' };
  const names = inputs.map(({ name }) => name).join(', ');
  return { part: 'intake', mood: 'good', text: `events are taken in: ${names}` };
}

/** Warnings first, since there may be more feeds than room. */
function ofFeeds(feeds: readonly FeedFacts[]): readonly Sentence[] {
  const ordered = [...feeds].sort((a, b) => Number(b.warning) - Number(a.warning));
  const shown = ordered.slice(0, maxFeeds).map(
    ({ feed, status, text, warning }): Sentence => ({
      part: `feed ${feed.name}`,
      mood: warning ? 'bad' : 'good',
      // The text begins with the name, for logs.
      text: text === '' ? feedInWords(feed, status) : text.replace(`${feed.name}: `, ''),
    }),
  );
  const more = feeds.length - shown.length;
  if (more <= 0) return shown;
  const text = `${countOf(more, 'feed')} more, of which nothing needs a look; /metrics counts them`;
  const worse = ordered.slice(maxFeeds).filter(({ warning }) => warning).length;
  if (worse === 0) return [...shown, { part: 'feeds', mood: 'good', text }];
  const words = `${countOf(more, 'feed')} more, ${count(worse)} of which cannot be judged; the log names them`;
  return [...shown, { part: 'feeds', mood: 'bad', text: words }];
}

function feedInWords({ events, jpegs }: FeedFacts['feed'], status: string): string {
  const of = `${countOf(events, 'event')}, ${count(jpegs)} of them JPEGs`;
  return status === 'too few' ? `${of}: too few to tell` : `${of}, which can be judged`;
}

function ofOutput(output: ObservedOutput, nowMs: number): Sentence {
  const { name, counters } = output;
  const part = `output ${name}`;
  const delivered = `${countOf(counters.events_acked, 'event')} delivered`;
  const refused = refusals(output);
  const ageMs = oldestAgeMs(output, nowMs);
  if (ageMs === null || ageMs > lateMs) {
    const waits = eventsWait(output.events());
    const since = ageMs === null ? '' : `, the oldest for ${duration(ageMs)}`;
    const away = `it is away or does not keep up: ${waits}${since}; ${whyIn(output)}`;
    return { part, mood: 'bad', text: [away, ...refused].join('; ') };
  }
  if (counters.connects === 0) {
    const { connect_failures: failures } = counters;
    const isFile = name === 'file';
    const begun = isFile ? 'opened' : 'connected';
    if (failures === 0) return { part, mood: 'wait', text: `not ${begun} yet` };
    const reached = isFile ? 'opened' : 'reached';
    const text = `not ${reached} yet, ${countOf(failures, 'attempt')} failed; ${whyIn(output)}`;
    return { part, mood: 'bad', text };
  }
  const waiting = output.events();
  const away = output.connected() ? [] : [awayInWords(name, waiting)];
  const well = away.length > 0 && waiting > 0 ? 'wait' : 'good';
  const mood = refused.length > 0 ? 'bad' : well;
  return { part, mood, text: [delivered, ...refused, ...away].join('; ') };
}

/** No trouble: many a receiver ends connections over which nothing comes, and the next event brings one about. */
function awayInWords(name: string, waiting: number): string {
  const away = name === 'file' ? 'not open' : 'not connected';
  return `${away}, ${waiting === 0 ? 'nothing waits' : eventsWait(waiting)}`;
}

function eventsWait(events: number): string {
  return `${countOf(events, 'event')} ${events === 1 ? 'waits' : 'wait'}`;
}

function whyIn(output: ObservedOutput): string {
  const trouble = output.trouble();
  return trouble === null ? 'the log says why' : `last failure: ${trouble}`;
}

/** What a working receiver did not take. */
function refusals({ counters }: ObservedOutput): readonly string[] {
  const { dead_letter_events: aside, dead_letter_events_dropped: dropped } = counters;
  return [
    ...(aside > 0 ? [`${countOf(aside, 'event')} refused and set aside: see spool inspect`] : []),
    ...(dropped > 0
      ? [`${countOf(dropped, 'event')} DROPPED: refused, and could not be set aside`]
      : []),
  ];
}

function ofSpool(output: ObservedOutput): Sentence {
  const { name, spool, counters, maxBytes } = output;
  const part = `spool of ${name}`;
  // Without an event it may hold what was learned.
  const held =
    spool.bytes === 0
      ? `empty; there is room for ${sizeInWords(maxBytes)}`
      : `${countOf(output.events(), 'event')}, ${sizeInWords(spool.bytes)} of at most ${sizeInWords(maxBytes)}`;
  if (!output.writable()) return { part, mood: 'bad', text: `it cannot be written to: ${held}` };
  const { spool_dropped_events: dropped, spool_missing_events: missing } = counters;
  const lost = [
    ...(dropped > 0
      ? [`${countOf(dropped, 'event')} DROPPED since the start because it was full`]
      : []),
    ...(missing > 0 ? [`${countOf(missing, 'event')} LOST: not to be read from it any more`] : []),
  ];
  const mood = spool.full || lost.length > 0 ? 'bad' : 'good';
  return { part, mood, text: [spool.full ? `full: ${held}` : held, ...lost].join('; ') };
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
