/**
 * A *feed*: one vendor's product as it sends through an input. Where that product puts what is judged,
 * and what has been seen of it. `feeds/` tells which feed an event is of.
 */
import type { Fields } from './fields.js';

/**
 * A field looked up by name: a key of the dictionary, a key of the vendor's own, or a custom field by
 * the text of its label. Finding it makes no string.
 */
export interface FieldRef {
  /** As configured; for people. */
  readonly name: string;
  /** Index of the last field of this name, -1 if there is none. An empty value counts as present. */
  indexIn(fields: Fields): number;
  /** Indexes of all fields of this name, in order. Allocates. */
  allIn(fields: Fields): readonly number[];
  /** True if the event may hold more than one. Makes nothing for a key of the dictionary. */
  repeatsIn(fields: Fields): boolean;
}

/** Index of the first of these fields that the event holds, -1 if it holds none. Makes nothing. */
export function firstPresent(fields: Fields, refs: readonly FieldRef[]): number {
  for (let i = 0; i < refs.length; i++) {
    const index = refs[i]!.indexIn(fields);
    if (index >= 0 && isPresent(fields, index)) return index;
  }
  return -1;
}

/**
 * White space around a value is the layout of the frame, not the value, and a value of nothing else is
 * absent (C19).
 */
export function isPresent(fields: Fields, index: number): boolean {
  return fields.trimmedEnd(index) > fields.valueStart[index]!;
}

/** Of each list, the first field that an event holds, not empty, is the one. */
export interface FeedProfile {
  readonly received: readonly FieldRef[];
  readonly sent: readonly FieldRef[];
  readonly host: readonly FieldRef[];
  readonly fileType: readonly FieldRef[];
  readonly url: readonly FieldRef[];
  readonly method: readonly FieldRef[];
  readonly status: readonly FieldRef[];
  readonly action: readonly FieldRef[];
  /** Zone of times that name none: IANA name or `+hh:mm`; '' if not told. */
  readonly timezone: string;
  /** False: nothing of it is judged or learned. */
  readonly judge: boolean;
  /** What of the above was set by the config, the shipped table, or neither; for people. */
  readonly origin: 'config' | 'shipped' | 'default';
}

/** Plain numbers, so that counting costs an increment. */
export class Feed {
  /** CEF events. */
  events = 0;
  /** JPEG events, those that cannot be judged included. */
  jpegs = 0;
  /** Of these: no uploads, where uploads alone are judged. Counted nowhere below. */
  otherWay = 0;
  /** Skipped by method, status or action. Counted nowhere below. */
  skipped = 0;
  /** Without a URL, hence not judged and not learned. */
  noUrl = 0;
  /** With a URL, without a size in the direction that is judged: never an alert. */
  noBytes = 0;
  /** With a URL, without a host: new whatever is known. */
  noHost = 0;
  /** Where both directions are judged: uploads, and those of them without a size sent. */
  uploads = 0;
  noSent = 0;
  /** `Vendor Product` as received, printable and bounded. */
  readonly name: string;
  readonly profile: FeedProfile;

  constructor(name: string, profile: FeedProfile) {
    this.name = name;
    this.profile = profile;
  }
}
