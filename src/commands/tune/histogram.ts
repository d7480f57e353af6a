/**
 * How large the JPEGs are: counted by powers of two, and drawn as text with marks at sizes of interest.
 *
 *      64KiB  1,204  ##############
 *     128KiB    310  ####            < 95th percentile 201.3 KiB
 */
import { formatSize } from '../../config/units.js';

/** Counts of sizes: `zero` of 0, `octaves[n]` of 2^n up to (not including) 2^(n+1) bytes. */
export interface SizeCounts {
  readonly zero: number;
  readonly octaves: readonly number[];
}

/** A size to be pointed at. */
export interface Mark {
  readonly bytes: number;
  readonly words: string;
}

/** Rows of the drawing: row 0 is of size 0, row n + 1 of octave n. */
interface Row {
  readonly count: number;
  readonly marks: readonly Mark[];
}

const narrowestBar = 8;
/** So many empty rows, or more, are drawn as one. */
const emptyRowsToFold = 3;

/** @param sizes bytes, not negative; NaN is none */
export function countSizes(sizes: Iterable<number>): SizeCounts {
  const octaves: number[] = [];
  let zero = 0;
  for (const bytes of sizes) {
    if (Number.isNaN(bytes)) continue;
    if (bytes < 1) {
      zero++;
      continue;
    }
    const octave = octaveOf(bytes);
    while (octaves.length <= octave) octaves.push(0);
    octaves[octave]!++;
  }
  return { zero, octaves };
}

/** Largest n with 2^n <= bytes; exact where a logarithm is rounded. */
function octaveOf(bytes: number): number {
  let octave = Math.floor(Math.log2(bytes));
  if (2 ** octave > bytes) octave--;
  if (2 ** (octave + 1) <= bytes) octave++;
  return octave;
}

/**
 * From the smallest to the largest size or mark; no line is longer than `width`, if that leaves room
 * for a bar of some length. Empty without sizes.
 */
export function drawHistogram(
  { zero, octaves }: SizeCounts,
  marks: readonly Mark[],
  width: number,
): readonly string[] {
  if (zero === 0 && octaves.length === 0) return [];
  const rows = rowsOf([zero, ...octaves], marks);
  const most = Math.max(...rows.map(({ count }) => count));
  const countWidth = Math.max(...rows.map(({ count }) => inWords(count).length));
  const labelWidth = 7;
  const notes = rows.map((row) => noteOf(row.marks));
  const noteWidth = Math.max(0, ...notes.map((note) => note.length));
  const left = width - labelWidth - countWidth - 6;
  const barWidth = Math.max(narrowestBar, left - noteWidth);
  const lines: string[] = [];
  const from = rows.findIndex(isShown);
  const to = rows.findLastIndex(isShown);
  for (let at = from; at <= to; at++) {
    const empty = emptyRun(rows, at, to);
    if (empty >= emptyRowsToFold) {
      lines.push('…'.padStart(labelWidth));
      at += empty - 1;
      continue;
    }
    const { count } = rows[at]!;
    const label = at === 0 ? '0B' : formatSize(2 ** (at - 1));
    // What occurs at all is seen.
    const bar = '#'.repeat(count === 0 ? 0 : Math.max(1, Math.round((count / most) * barWidth)));
    const start = `${label.padStart(labelWidth)}  ${inWords(count).padStart(countWidth)}  `;
    const line = `${start}${bar.padEnd(barWidth)}  ${notes[at]!}`;
    lines.push(cut(line.trimEnd(), width));
  }
  return lines;
}

function rowsOf(counts: readonly number[], marks: readonly Mark[]): readonly Row[] {
  const rowOfMark = marks.map(({ bytes }) => (bytes < 1 ? 0 : octaveOf(bytes) + 1));
  const length = Math.max(counts.length, ...rowOfMark.map((row) => row + 1));
  return Array.from({ length }, (_, at) => ({
    count: counts[at] ?? 0,
    marks: marks.filter((_, mark) => rowOfMark[mark] === at).sort((a, b) => a.bytes - b.bytes),
  }));
}

function isShown({ count, marks }: Row): boolean {
  return count > 0 || marks.length > 0;
}

/** How many rows from here on show nothing. */
function emptyRun(rows: readonly Row[], at: number, to: number): number {
  let end = at;
  while (end <= to && !isShown(rows[end]!)) end++;
  return end - at;
}

function noteOf(marks: readonly Mark[]): string {
  return marks.length === 0 ? '' : `< ${marks.map(({ words }) => words).join(', ')}`;
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

function inWords(count: number): string {
  return count.toLocaleString('en-US');
}
