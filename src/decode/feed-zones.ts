/**
 * The time zones of feeds, as the config or the table that ships gives them: an IANA name or `+hh:mm`.
 * There are as many as the config holds, so each is set up once and kept.
 */
import { minuteMs } from './civil.js';
import { NamedZone } from './named-zone.js';
import { noOffset, readZone } from './zone.js';

/** From civil time to epoch ms. */
interface FeedZone {
  toEpoch(localMs: number): number;
}

export class FeedZones {
  readonly #zones = new Map<string, FeedZone | null>();

  /** Null if there is no such zone, which the config has made sure of. */
  of(timezone: string): FeedZone | null {
    let zone = this.#zones.get(timezone);
    if (zone === undefined) {
      zone = setUp(timezone);
      this.#zones.set(timezone, zone);
    }
    return zone;
  }
}

function setUp(timezone: string): FeedZone | null {
  // Abbreviations are left to IANA: its CET and EET keep summer time, those of a stamp do not.
  if (/^[+-]/.test(timezone)) return fixedZone(Buffer.from(timezone));
  try {
    return new NamedZone(timezone);
  } catch {
    return null;
  }
}

function fixedZone(text: Buffer): FeedZone | null {
  const note = { end: 0, offsetMinutes: noOffset };
  readZone(text, 0, text.length, note);
  const { end, offsetMinutes } = note;
  if (end !== text.length || offsetMinutes === noOffset) return null;
  return { toEpoch: (localMs) => localMs - offsetMinutes * minuteMs };
}
