/**
 * Is this event a JPEG? By its file type or by how its URL ends, told from the bytes: most events are
 * not, and for those no string is made.
 *
 * The query asks twice, and not the same: `FileType =~ "Jpeg Files"` (any case) of an event that it
 * judges, `FileType == "Jpeg Files"` of one that it learns from; the URL test (`endswith`, any case)
 * is the same on both sides, and on both sides an event without a RequestURL does not count.
 * Case is folded for ASCII letters only. Of duplicate keys the last one counts, or, with
 * `duplicate_keys: most_suspicious`, any that says JPEG.
 */
import type { DetectionConfig } from '../../config/config.js';
import { type FeedProfile, firstPresent } from '../../feed.js';
import { FieldFlag, type Fields, viewOf } from '../../fields.js';
import { allPresent, repeats } from './judged-fields.js';
import { Placeholders } from './placeholders.js';

/** What the two tests say together. Whatever is learned is also judged, never the reverse only. */
export const JpegTestResult = {
  notJpeg: 0,
  /** By its file type, but there is no URL: neither judged nor learned. */
  noUrl: 1,
  /** Judged, but the lookback does not count it: its file type differs in case. */
  judgedOnly: 2,
  judgedAndLearned: 3,
} as const;
export type JpegTestResult = (typeof JpegTestResult)[keyof typeof JpegTestResult];

const questionMark = 0x3f;
const numberSign = 0x23;
const semicolon = 0x3b;
/** The same byte four times. */
const fourQuestionMarks = 0x3f3f3f3f;
const fourNumberSigns = 0x23232323;
const fourOf01 = 0x01010101;
const fourTopBits = 0x80808080 | 0;
const quote = 0x22;
const backslash = 0x5c;

type JpegTestConfig = Pick<
  DetectionConfig,
  'jpeg' | 'feedProfiles' | 'placeholders' | 'mostSuspicious'
>;

export class JpegTest {
  /** Index of the URL of the event last tested, -1 if it has none. */
  urlIndex = -1;
  /** Index of its file type, -1 if it has none, or if the URL was enough to know. */
  typeIndex = -1;
  /** Lower case. */
  readonly #suffixes: readonly Buffer[];
  /** By byte: 1 if a suffix may end in it. */
  readonly #lastBytes = new Uint8Array(256);
  readonly #fileTypes: readonly { readonly spelled: Buffer; readonly lower: Buffer }[];
  readonly #ignoreQuery: boolean;
  readonly #exactFileTypeInLookback: boolean;
  readonly #suffixSurvivesEscapes: boolean;
  readonly #typesMayBeEscaped: boolean;
  /** Quotes around a URL and parameters of a MIME type are how some feeds write, not what they say. */
  readonly #lenient: boolean;
  readonly #mostSuspicious: boolean;
  readonly #placeholders: Placeholders;

  constructor({ jpeg, feedProfiles, placeholders, mostSuspicious }: JpegTestConfig) {
    this.#suffixes = jpeg.urlSuffixes.map((suffix) => Buffer.from(suffix.toLowerCase()));
    for (const suffix of this.#suffixes) {
      const last = suffix.at(-1);
      // Without a byte every URL ends like it.
      if (last === undefined) this.#lastBytes.fill(1);
      else for (const byte of [last, upperOf(last)]) this.#lastBytes[byte] = 1;
    }
    this.#fileTypes = jpeg.fileTypes.map((type) => ({
      spelled: Buffer.from(type),
      lower: Buffer.from(type.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())),
    }));
    this.#ignoreQuery = jpeg.ignoreQuery;
    this.#exactFileTypeInLookback = jpeg.exactFileTypeInLookback;
    this.#typesMayBeEscaped = jpeg.fileTypes.some((type) => /[\\=\r\n;]/.test(type));
    this.#suffixSurvivesEscapes = jpeg.urlSuffixes.every(survivesEscapes);
    this.#lenient = feedProfiles;
    this.#mostSuspicious = mostSuspicious;
    this.#placeholders = new Placeholders(placeholders);
  }

  of(fields: Fields, profile: FeedProfile): JpegTestResult {
    if (this.#isAmbiguous(fields, profile)) return this.#ofAny(fields, profile);
    const url = firstPresent(fields, profile.url);
    this.urlIndex = url;
    this.typeIndex = -1;
    if (url >= 0 && this.#urlMatches(fields, url)) return JpegTestResult.judgedAndLearned;
    const type = firstPresent(fields, profile.fileType);
    this.typeIndex = type;
    const byType = type < 0 ? JpegTestResult.notJpeg : this.#byFileType(fields, type);
    return byType === JpegTestResult.notJpeg ? byType : this.#withUrl(fields, byType);
  }

  /**
   * Only a key that came twice is asked about: to call its file by another type, or to name it
   * otherwise, a server needs no forged key.
   */
  #isAmbiguous(fields: Fields, { url, fileType }: FeedProfile): boolean {
    if (!this.#mostSuspicious || fields.duplicates === 0) return false;
    return repeats(fields, url) || repeats(fields, fileType);
  }

  /** Keys repeat: the first value, from the last one back, that says JPEG. */
  #ofAny(fields: Fields, profile: FeedProfile): JpegTestResult {
    const urls = allPresent(fields, profile.url);
    const types = allPresent(fields, profile.fileType);
    const jpegUrl = urls.findLast((index) => this.#urlMatches(fields, index));
    this.urlIndex = jpegUrl ?? urls.at(-1) ?? -1;
    this.typeIndex = types.at(-1) ?? -1;
    if (jpegUrl !== undefined) return JpegTestResult.judgedAndLearned;
    let best: JpegTestResult = JpegTestResult.notJpeg;
    for (const index of types) {
      const result = this.#byFileType(fields, index);
      if (result <= best) continue;
      best = result;
      this.typeIndex = index;
    }
    return best === JpegTestResult.notJpeg ? best : this.#withUrl(fields, best);
  }

  #withUrl(fields: Fields, byType: JpegTestResult): JpegTestResult {
    const url = this.urlIndex;
    if (url >= 0 && !this.#placeholders.has(fields.trimmed(url))) return byType;
    this.urlIndex = -1;
    return JpegTestResult.noUrl;
  }

  #urlMatches(fields: Fields, index: number): boolean {
    if (fields.flags[index]! & FieldFlag.escaped && !this.#suffixSurvivesEscapes) {
      const url = Buffer.from(fields.trimmed(index));
      return this.#endsLikeJpeg(url, viewOf(url), 0, this.#unquotedEnd(url, 0, url.length));
    }
    const start = trimmedStart(fields, index);
    const end = this.#unquotedEnd(fields.bytes, start, fields.trimmedEnd(index));
    return this.#endsLikeJpeg(fields.bytes, fields.view, start, end);
  }

  #unquotedEnd(bytes: Uint8Array, start: number, end: number): number {
    if (!this.#lenient || end === start || bytes[end - 1] !== quote) return end;
    return end - 1 > start && bytes[end - 2] === backslash ? end - 2 : end - 1;
  }

  #endsLikeJpeg(bytes: Uint8Array, view: DataView, start: number, urlEnd: number): boolean {
    const end = this.#ignoreQuery ? endOfPath(bytes, view, start, urlEnd) : urlEnd;
    // Most other names end in another letter.
    if (this.#lastBytes[bytes[end - 1]!] === 0) return false;
    for (let i = 0; i < this.#suffixes.length; i++) {
      const suffix = this.#suffixes[i]!;
      const at = end - suffix.length;
      if (at >= start && equalsFolded(bytes, at, end, suffix)) return true;
    }
    return false;
  }

  #byFileType(fields: Fields, index: number): JpegTestResult {
    let bytes: Uint8Array = fields.bytes;
    let start = trimmedStart(fields, index);
    let end = fields.trimmedEnd(index);
    if (fields.flags[index]! & FieldFlag.escaped && this.#typesMayBeEscaped) {
      bytes = Buffer.from(fields.trimmed(index));
      start = 0;
      end = bytes.length;
    }
    // Else a value with a backslash in it equals none of them, escaped or not.
    if (this.#lenient) end = endOfMediaType(bytes, start, end);
    let result: JpegTestResult = JpegTestResult.notJpeg;
    for (let i = 0; i < this.#fileTypes.length; i++) {
      const { spelled, lower } = this.#fileTypes[i]!;
      if (!equalsFolded(bytes, start, end, lower)) continue;
      if (!this.#exactFileTypeInLookback || equals(bytes, start, end, spelled)) {
        return JpegTestResult.judgedAndLearned;
      }
      result = JpegTestResult.judgedOnly;
    }
    return result;
  }
}

function upperOf(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte & ~0x20 : byte;
}

/** Quotes around a URL as some feeds write it (`\"www.example.com/\"`) are not part of it. */
export function unquoted(url: string): string {
  return url.replace(/^\\?"/, '').replace(/\\?"$/, '');
}

/** `image/jpeg; charset=binary` without what follows the type. */
function endOfMediaType(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if (bytes[i] !== semicolon) continue;
    while (i > start && bytes[i - 1] === 0x20) i--;
    return i;
  }
  return end;
}

/**
 * True if a value ends with this suffix exactly when its escaped form does, so that URLs with escapes
 * (some feeds write every `=` as `\=`) need no string either. Unescaping puts a single `\`, `=`, LF or
 * CR in place of two bytes, the second of which is `\`, `=`, `n` or `r`.
 */
function survivesEscapes(suffix: string): boolean {
  return !/[\\=\r\n]/.test(suffix) && !/^[nr]/i.test(suffix);
}

function trimmedStart(fields: Fields, index: number): number {
  const end = fields.valueEnd[index]!;
  let start = fields.valueStart[index]!;
  while (start < end && fields.bytes[start] === 0x20) start++;
  return start;
}

/** By fours where that can be: a URL is the longest thing that is looked at of nearly all events. */
function endOfPath(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  let i = start;
  for (; i < end - 3; i += 4) {
    const four = view.getInt32(i, true);
    const likeQuestionMark = four ^ fourQuestionMarks;
    const likeNumberSign = four ^ fourNumberSigns;
    // A top bit is set if and only if one of the bytes is one of them.
    const found =
      ((likeQuestionMark - fourOf01) & ~likeQuestionMark) |
      ((likeNumberSign - fourOf01) & ~likeNumberSign);
    if ((found & fourTopBits) !== 0) break;
  }
  for (; i < end; i++) {
    if (bytes[i] === questionMark || bytes[i] === numberSign) return i;
  }
  return end;
}

/** @param lower what to compare with, in lower case */
function equalsFolded(bytes: Uint8Array, start: number, end: number, lower: Buffer): boolean {
  if (end - start !== lower.length) return false;
  for (let i = lower.length - 1; i >= 0; i--) {
    const byte = bytes[start + i]!;
    const folded = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (folded !== lower[i]) return false;
  }
  return true;
}

function equals(bytes: Uint8Array, start: number, end: number, wanted: Buffer): boolean {
  if (end - start !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (bytes[start + i] !== wanted[i]) return false;
  }
  return true;
}
