/**
 * What lies in the folder of a spool, without changing anything: for opening it, and for looking on while
 * another process is at work.
 */
import { StegwatchError } from '../errors.js';
import { damagedFolder, deadLetterFolder } from './aside.js';
import { type CursorReading, readCursor } from './cursor.js';
import type { Folder } from './folder.js';
import { headerLength, readHeader } from './record.js';
import { firstSeqOf, markOf, prefixLength, prefixProbeLength, readPrefix } from './segment.js';
import type { Segment } from './segment-log.js';

const pieceBytes = 1024 * 1024;

export interface SpoolScan {
  /** Null if there is none that can be read. */
  readonly cursor: CursorReading | null;
  readonly cursorGeneration: number;
  readonly cursorDamaged: boolean;
  /** Of the cursor, else of the newest segment; null if there is neither. */
  readonly spoolId: Buffer | null;
  /** Oldest first; only those that records can be read from. */
  readonly segments: readonly Segment[];
  /** Names of segments that nothing can be read from. */
  readonly unreadable: readonly string[];
  /** Names of files that a crash left before anything was in them. */
  readonly empty: readonly string[];
  /** The highest number in a segment's name; 0 without any. */
  readonly highestName: number;
  /** Bytes that are set aside. */
  readonly asideBytes: number;
}

/** @throws StegwatchError SPOOL_UNUSABLE if a newer version wrote it; else what the system says */
export async function scanSpool(folder: Folder): Promise<SpoolScan> {
  const cursor = await readCursor(folder);
  if (cursor.kind === 'newer') throw newerFormat(folder, 'its cursor', cursor.version);
  const names = (await folder.files())
    .map(({ name, bytes }) => ({ name, bytes, seq: firstSeqOf(name) }))
    .filter((file): file is typeof file & { seq: number } => file.seq !== null)
    .sort((a, b) => a.seq - b.seq);
  const segments: Segment[] = [];
  const unreadable: string[] = [];
  const empty: string[] = [];
  const beheaded: { name: string; bytes: number; seq: number; byRecord: Segment | null }[] = [];
  let spoolId = cursor.kind === 'cursor' ? cursor.spoolId : null;
  let segmentsId: Buffer | null = null;
  for (const { name, bytes, seq } of names) {
    if (bytes < prefixLength) {
      empty.push(name);
      continue;
    }
    const probed = await probeSegment(folder, name, bytes, seq);
    if (probed === null || probed.spoolId === null) {
      beheaded.push({ name, bytes, seq, byRecord: probed?.segment ?? null });
      continue;
    }
    segments.push(probed.segment);
    segmentsId = probed.spoolId;
  }
  for (const { name, bytes, seq, byRecord } of beheaded) {
    // Their marks follow from what the others, or the cursor, say of the spool. No CRC covers the mark of
    // the first record: what it says counts only where nothing else is known.
    const id = segmentsId ?? spoolId;
    const mark = id === null ? null : markOf(id, seq);
    if (mark === null || byRecord?.mark.equals(mark) || !(await holdsRecord(folder, name, mark))) {
      if (byRecord === null) unreadable.push(name);
      else segments.push(byRecord);
    } else segments.push({ name, firstSeq: seq, mark, eventsBefore: null, tag: null, end: bytes });
  }
  segments.sort((a, b) => a.firstSeq - b.firstSeq);
  // A cursor of another spool would pass over what nobody has delivered.
  const foreign = spoolId !== null && segmentsId !== null && !spoolId.equals(segmentsId);
  if (foreign || spoolId === null) spoolId = segmentsId;
  const aside = [...(await folder.files(damagedFolder)), ...(await folder.files(deadLetterFolder))];
  return {
    cursor: cursor.kind === 'cursor' && !foreign ? cursor.reading : null,
    cursorGeneration: cursor.kind === 'cursor' ? cursor.generation : 0,
    cursorDamaged: cursor.kind === 'damaged' || foreign,
    spoolId,
    segments,
    unreadable,
    empty,
    highestName: names.at(-1)?.seq ?? 0,
    asideBytes: aside.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Dead letters, in the order in which they were set aside. Those that cannot be read are left out. */
export async function scanLetters(folder: Folder): Promise<Segment[]> {
  const files = (await folder.files()).filter(({ name }) => name.endsWith('.segment'));
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const segments: Segment[] = [];
  for (const { name, bytes } of files) {
    const probed = await probeSegment(folder, name, bytes, 1);
    if (probed !== null) segments.push(probed.segment);
  }
  return segments;
}

/** Null if no record can be read from it. */
async function probeSegment(
  folder: Folder,
  name: string,
  bytes: number,
  firstSeq: number,
): Promise<{ readonly segment: Segment; readonly spoolId: Buffer | null } | null> {
  // A sector that cannot be read is like any other damage.
  const probe = await readProbe(folder, name).catch(() => Buffer.alloc(0));
  const prefix = readPrefix(probe);
  if (prefix.kind === 'newer') throw newerFormat(folder, name, prefix.version);
  if (prefix.kind === 'damaged') return null;
  const { mark, tag, spoolId } = prefix;
  const eventsBefore = readHeader(probe, prefixLength, mark)?.eventsBefore ?? null;
  return { segment: { name, firstSeq, mark, eventsBefore, tag, end: bytes }, spoolId };
}

async function holdsRecord(folder: Folder, name: string, mark: Buffer): Promise<boolean> {
  const file = await folder.openForReading(name).catch(() => null);
  if (file === null) return false;
  const piece = Buffer.alloc(pieceBytes);
  try {
    for (let position = 0; ; position += pieceBytes - headerLength + 1) {
      const length = await file.read(piece, 0, pieceBytes, position);
      const bytes = piece.subarray(0, length);
      for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
        if (readHeader(bytes, at, mark) !== null) return true;
      }
      if (length < pieceBytes) return false;
    }
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

async function readProbe(folder: Folder, name: string): Promise<Buffer> {
  const file = await folder.openForReading(name);
  try {
    const probe = Buffer.alloc(prefixProbeLength);
    const length = await file.read(probe, 0, probe.length, 0);
    return probe.subarray(0, length);
  } finally {
    await file.close();
  }
}

function newerFormat(folder: Folder, what: string, version: number): StegwatchError {
  return new StegwatchError(
    'SPOOL_UNUSABLE',
    `The spool in ${folder.path} was written by a newer stegwatch: ${what} has format ${version}.`,
    'Let that version deliver what it holds, or set spool.path to another directory.',
  );
}
