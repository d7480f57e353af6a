/** What a spool holds, as told to a person. Changes nothing; `run` may be at work meanwhile. */
import { type DeadLetterNote, damagedFolder, deadLetterFolder } from './aside.js';
import type { Folder } from './folder.js';
import { backlogOf, deliveredOf, readTail, recordsOf } from './found.js';
import { scanSpool } from './scan.js';
import { prefixLength } from './segment.js';

/** More than that are counted, not told one by one. */
const maxNotes = 100;
const maxNoteBytes = 64 * 1024;

export interface SpoolReport {
  /** 16 hexadecimal digits; null if there is no spool yet. */
  readonly id: string | null;
  readonly segments: number;
  readonly bytes: number;
  /** Not delivered. */
  readonly events: number;
  readonly backlogBytes: number;
  /** Receipt of the oldest event that is not delivered, epoch ms; null if there is none. */
  readonly oldestMs: number | null;
  readonly ackedSeq: number;
  readonly coveredSeq: number;
  readonly lastSeq: number;
  /** False: what was delivered is not known, and all of it will be delivered again. */
  readonly cursor: boolean;
  readonly unreadable: readonly string[];
  readonly deadLetters: readonly DeadLetterNote[];
  /** Files, those without a note included. */
  readonly deadLetterFiles: number;
  readonly deadLetterBytes: number;
  readonly damagedFiles: number;
  readonly damagedBytes: number;
}

/** @throws StegwatchError SPOOL_UNUSABLE if a newer version wrote it */
export async function inspectSpool(folder: Folder): Promise<SpoolReport> {
  const scan = await scanSpool(folder);
  const tail = await readTail(folder, scan);
  const { acked, ackedEvents } = deliveredOf(scan);
  const backlog = backlogOf(scan, tail, acked);
  let oldestMs: number | null = null;
  let ackedBytes = 0;
  for await (const { seq, oldestMs: ms, recordBytes } of recordsOf(folder, backlog)) {
    if (seq > acked) {
      oldestMs = ms;
      break;
    }
    ackedBytes += recordBytes;
  }
  const letters = await folder.files(deadLetterFolder);
  const letterFiles = letters.filter(({ name }) => name.endsWith('.segment'));
  const damaged = await folder.files(damagedFolder);
  const sum = (files: readonly { readonly bytes: number }[]): number =>
    files.reduce((total, { bytes }) => total + bytes, 0);
  return {
    id: scan.spoolId?.toString('hex') ?? null,
    segments: scan.segments.length,
    bytes: scan.segments.reduce((total, { end }) => total + end, 0),
    events: Math.max(0, tail.events - ackedEvents - (scan.cursor?.droppedEvents ?? 0)),
    backlogBytes: backlog.reduce((total, { end }) => total + end - prefixLength, 0) - ackedBytes,
    oldestMs,
    ackedSeq: acked,
    coveredSeq: scan.cursor?.covered ?? 0,
    lastSeq: tail.seq,
    cursor: scan.cursor !== null || scan.segments.length === 0,
    unreadable: scan.unreadable,
    deadLetters: await readNotes(
      folder,
      letters.map(({ name }) => name),
    ),
    deadLetterFiles: letterFiles.length,
    deadLetterBytes: sum(letterFiles),
    damagedFiles: damaged.length,
    damagedBytes: sum(damaged),
  };
}

async function readNotes(folder: Folder, names: readonly string[]): Promise<DeadLetterNote[]> {
  const notes: DeadLetterNote[] = [];
  const json = names.filter((name) => name.endsWith('.json')).sort();
  for (const name of json.slice(0, maxNotes)) {
    const file = await folder.openForReading(name);
    const bytes = Buffer.alloc(maxNoteBytes);
    const length = await file.read(bytes, 0, bytes.length, 0).finally(() => file.close());
    try {
      notes.push(JSON.parse(bytes.toString('utf8', 0, length)) as DeadLetterNote);
    } catch {
      // Its segment is counted all the same.
    }
  }
  return notes;
}
