/**
 * What a spool sets aside for people: bytes that no record can be read from, and entries that the receiver
 * takes from nobody. Both within a bound, since a disk full of what could not be delivered would keep out
 * what can be.
 *
 *     damaged/0000000000000041.segment@8192.bytes    the bytes as they lay there
 *     dead-letter/20261124T120000Z-1.segment         a segment of one record
 *     dead-letter/20261124T120000Z-1.json            when, why, how many events, under which tag
 */
import { randomBytes } from 'node:crypto';
import type { Batch } from '../stages.js';
import type { Folder } from './folder.js';
import { eventsIn, headerLength, markLength, recordLength, writeHeader } from './record.js';
import type { Damage } from './record-reader.js';
import { encodePrefix } from './segment.js';

export const damagedFolder = 'damaged';
export const deadLetterFolder = 'dead-letter';

/** What the JSON beside a dead letter says. */
export interface DeadLetterNote {
  /** RFC 3339. */
  readonly at: string;
  readonly reason: string;
  readonly events: number;
  readonly alerts: number;
  readonly bytes: number;
}

export class Aside {
  readonly #folder: Folder;
  readonly #spoolId: Buffer;
  readonly #maxBytes: number;
  #bytes: number;
  #count = 0;

  /** @param bytes what is set aside already */
  constructor(options: { folder: Folder; spoolId: Buffer; maxBytes: number; bytes: number }) {
    this.#folder = options.folder;
    this.#spoolId = options.spoolId;
    this.#maxBytes = options.maxBytes;
    this.#bytes = options.bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Returns where a copy of the bytes is; null if there is no room, or the disk has none. */
  damage({ segment, offset, bytes }: Damage): string | null {
    const name = `${damagedFolder}/${segment.name}@${offset}.bytes`;
    return this.#write(name, [bytes], bytes.length) ? name : null;
  }

  /** Returns the name of the dead letter; null if there is no room, or the disk has none. */
  letter(entries: Batch, reason: string, nowMs: number): string | null {
    const at = new Date(nowMs).toISOString();
    const stamp = at.replace(/[-:]|\.\d+/g, '');
    const name = `${deadLetterFolder}/${stamp}-${process.pid}-${++this.#count}`;
    const mark = randomBytes(markLength);
    const header = Buffer.alloc(headerLength);
    writeHeader(header, mark, entries, 1, 0);
    const parts = [
      encodePrefix(mark, this.#spoolId, 0),
      header,
      entries.observations,
      entries.entries,
    ];
    const bytes = recordLength(entries);
    const { eventCount: events, alertCount: alerts } = entries;
    const note: DeadLetterNote = { at, reason, events, alerts, bytes };
    if (eventsIn(entries) === 0 || !this.#write(`${name}.segment`, parts, bytes)) return null;
    // The letter itself is what counts; the note is for people.
    this.#write(`${name}.json`, [Buffer.from(`${JSON.stringify(note)}\n`)], 0);
    return `${name}.segment`;
  }

  #write(name: string, parts: readonly Uint8Array[], bytes: number): boolean {
    if (this.#bytes + bytes > this.#maxBytes) return false;
    try {
      this.#folder.writeWhole(name, parts);
    } catch {
      return false;
    }
    this.#bytes += bytes;
    return true;
  }
}
