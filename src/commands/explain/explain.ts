/**
 * `stegwatch explain`: why one event would, or would not, alert. It looks at the baseline on disk as it
 * is and changes nothing there, whether `run` is at work on it or not.
 */
import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Config } from '../../config/config.js';
import { createDecoder } from '../../decode/decode.js';
import type { Exclusions } from '../../detect/exclusions/exclusions.js';
import { createFeeds } from '../../feeds/feeds.js';
import { Fields } from '../../fields.js';
import { StreamFramer } from '../../framing/stream-framer.js';
import { readFiles } from '../../input/files.js';
import { Counters } from '../../observe/counters.js';
import { printable } from '../../observe/printable.js';
import { openDetection } from '../../pipeline/open-detection.js';
import type { Decode, FrameSink, Peer } from '../../stages.js';
import { TextOutput } from '../text-output.js';
import type { Moment } from './event.js';
import { Explainer, inJson, inWords } from './explanation.js';
import { momentInWords } from './words.js';

export interface ExplainOptions {
  readonly config: Config;
  readonly exclusions: Exclusions;
  /** The event as received; `-` is the first line of stdin. */
  readonly line: string;
  /** Judge as at this moment, epoch ms; null: now, or at the event's own time if events tell it. */
  readonly atMs: number | null;
  readonly json: boolean;
  /** What time it is. */
  readonly nowMs: number;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

const peer: Peer = { address: '-' };

/** @throws StegwatchError INPUT_UNREADABLE, BASELINE_UNUSABLE */
export async function explain(options: ExplainOptions): Promise<number> {
  const { config, exclusions, atMs, nowMs } = options;
  const { detection, listen, feeds: configured, baseline } = config;
  const event = await firstFrame(options);
  const feeds = createFeeds({ feeds: configured, feedProfiles: detection.feedProfiles });
  const fields = new Fields(listen.maxFields);
  const decode = createDecoder({ counters: new Counters(), feeds });
  const receivedMs = atMs ?? nowMs;
  decode(event.bytes, 0, event.bytes.length, event.originalLength, receivedMs, peer, fields);
  const moment = momentOf(fields, options, decodesRt(fields, decode));
  const notices: string[] = [];
  const log = {
    info: () => undefined,
    warn: (...said: unknown[]) => void notices.push(String(said.at(-1))),
  };
  const found = existsSync(baseline.path);
  const state = await openDetection(config, moment.atMs, new Counters(), log, { readOnly: true });
  if (!found) notices.push(`there is no baseline at ${baseline.path} yet: it is taken as empty`);
  const explainer = new Explainer({ ...state, config, exclusions, momentOf: () => moment });
  const explanation = explainer.explain(fields);
  const all = [...event.notices, ...briefly(notices)].map(printable);
  const stdout = new TextOutput(options.stdout);
  if (options.json) {
    await stdout.line(
      inJson({ verdict: explanation.verdict, steps: explanation.steps, notices: all }),
    );
    return 0;
  }
  const stderr = new TextOutput(options.stderr);
  for (const notice of all) await stderr.line(notice);
  for (const line of inWords(explanation)) await stdout.line(line);
  return 0;
}

interface FirstFrame {
  readonly bytes: Buffer;
  readonly originalLength: number;
  readonly notices: readonly string[];
}

/** Framed as a connection's bytes would be; what comes after the first frame is only counted. */
async function firstFrame({ line, config, nowMs }: ExplainOptions): Promise<FirstFrame> {
  const { maxMessageBytes } = config.listen;
  const counters = new Counters();
  let first: { readonly bytes: Buffer; readonly originalLength: number } | null = null;
  let more = 0;
  const sink: FrameSink = {
    frame: (bytes, start, end, originalLength) => {
      if (first === null)
        first = { bytes: Buffer.from(bytes.subarray(start, end)), originalLength };
      else more++;
    },
  };
  if (line === '-') await readFiles(['-'], { maxMessageBytes, sink, counters });
  else {
    const framer = new StreamFramer({ maxMessageBytes, sink, counters, peer });
    framer.push(Buffer.from(line), nowMs);
    framer.end(nowMs);
  }
  const left = `only the first line is explained: ${more} more ${more === 1 ? 'was' : 'were'} left`;
  return {
    ...(first ?? { bytes: Buffer.alloc(0), originalLength: 0 }),
    notices: first === null ? ['there is no line to explain'] : more > 0 ? [left] : [],
  };
}

/** True if the event without its syslog header tells a time: the one in `rt`. */
function decodesRt(fields: Fields, decode: Decode): boolean {
  if (!fields.isCef) return false;
  const cef = fields.bytes.subarray(fields.messageStart, fields.end);
  const alone = new Fields(fields.maxFields);
  decode(cef, 0, cef.length, cef.length, fields.receivedAtMs, peer, alone);
  return !Number.isNaN(alone.eventTimeMs);
}

function momentOf(
  { eventTimeMs }: Fields,
  { atMs, nowMs, config }: Pick<ExplainOptions, 'atMs' | 'nowMs' | 'config'>,
  rtRead: boolean,
): Moment {
  const rtUnread = !rtRead;
  if (atMs !== null) return { atMs, why: 'as asked (--at)', rtUnread };
  const { time, maxFutureMs } = config.detection;
  if (time === 'received') return { atMs: nowMs, why: 'now (time: received)', rtUnread };
  if (Number.isNaN(eventTimeMs)) {
    return { atMs: nowMs, why: 'now, since the event tells no time (time: event)', rtUnread };
  }
  if (eventTimeMs > nowMs + maxFutureMs) {
    const why = `now, since ${momentInWords(eventTimeMs)} is too far in the future (max_future)`;
    return { atMs: nowMs, why, rtUnread };
  }
  return { atMs: eventTimeMs, why: 'the time of the event (time: event)', rtUnread };
}

const maxNotices = 3;

/** A baseline may say the same of each of its hours. */
function briefly(notices: readonly string[]): readonly string[] {
  if (notices.length <= maxNotices) return notices;
  const more = `and ${notices.length - maxNotices} more notices of files in the baseline`;
  return [...notices.slice(0, maxNotices), more];
}
