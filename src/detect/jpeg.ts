/**
 * Is this event a JPEG? By its file type or by how its URL ends, told from the bytes: most events are
 * not, and for those no string is made.
 *
 * The query asks twice, and not the same: `FileType =~ "Jpeg Files"` (any case) of an event that it
 * judges, `FileType == "Jpeg Files"` of one that it learns from; the URL test (`endswith`, any case)
 * is the same on both sides, and on both sides an event without a RequestURL does not count.
 * Case is folded for ASCII letters only. Of duplicate keys the last one counts. White space around a
 * value is the layout of the frame, not the value.
 */
import type { DetectionConfig } from '../config/config.js';
import { keyId } from '../dictionary/dictionary.js';
import { FieldFlag, type Fields } from '../fields.js';

/** What the two tests say together. Whatever is learned is also judged, never the reverse only. */
export const JpegTestResult = {
  notJpeg: 0,
  /** Judged, but the lookback does not count it: its file type differs in case. */
  judgedOnly: 1,
  judgedAndLearned: 2,
} as const;
export type JpegTestResult = (typeof JpegTestResult)[keyof typeof JpegTestResult];

const requestId = keyId('request');
const fileTypeId = keyId('fileType');
const questionMark = 0x3f;
const numberSign = 0x23;

export class JpegTest {
  /** Lower case. */
  readonly #suffixes: readonly Buffer[];
  readonly #fileTypes: readonly { readonly spelled: Buffer; readonly lower: Buffer }[];
  readonly #ignoreQuery: boolean;
  readonly #exactFileTypeInLookback: boolean;
  readonly #suffixSurvivesEscapes: boolean;

  constructor(jpeg: DetectionConfig['jpeg']) {
    this.#suffixes = jpeg.urlSuffixes.map((suffix) => Buffer.from(suffix.toLowerCase()));
    this.#fileTypes = jpeg.fileTypes.map((type) => ({
      spelled: Buffer.from(type),
      lower: Buffer.from(type.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())),
    }));
    this.#ignoreQuery = jpeg.ignoreQuery;
    this.#exactFileTypeInLookback = jpeg.exactFileTypeInLookback;
    this.#suffixSurvivesEscapes = jpeg.urlSuffixes.every(survivesEscapes);
  }

  of(fields: Fields): JpegTestResult {
    const request = fields.indexOf(requestId);
    if (request < 0) return JpegTestResult.notJpeg;
    const start = trimmedStart(fields, request);
    const end = fields.trimmedEnd(request);
    if (start >= end) return JpegTestResult.notJpeg;
    if (this.#urlMatches(fields, request, start, end)) return JpegTestResult.judgedAndLearned;
    const fileType = fields.indexOf(fileTypeId);
    return fileType < 0 ? JpegTestResult.notJpeg : this.#byFileType(fields, fileType);
  }

  #urlMatches(fields: Fields, index: number, start: number, end: number): boolean {
    if (fields.flags[index]! & FieldFlag.escaped && !this.#suffixSurvivesEscapes) {
      const url = Buffer.from(fields.trimmed(index));
      return this.#endsLikeJpeg(url, 0, url.length);
    }
    return this.#endsLikeJpeg(fields.bytes, start, end);
  }

  #endsLikeJpeg(bytes: Uint8Array, start: number, urlEnd: number): boolean {
    const end = this.#ignoreQuery ? endOfPath(bytes, start, urlEnd) : urlEnd;
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
    if (fields.flags[index]! & FieldFlag.escaped) {
      bytes = Buffer.from(fields.trimmed(index));
      start = 0;
      end = bytes.length;
    }
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

function endOfPath(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
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
