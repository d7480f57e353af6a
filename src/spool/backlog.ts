/**
 * What is on disk only, on its way back into the window, in the background and bounded by the window's
 * room. While nothing is, it is at rest.
 *
 *     at rest ── startAt ──► reading ── all read ──► at rest
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { wordsOf } from '../errors.js';
import type { Complaints } from '../observe/complaints.js';
import type { OutputCounters } from '../observe/counters.js';
import type { Aside } from './aside.js';
import type { BatchWindow, Held } from './batch-window.js';
import type { BlockPool } from './block-pool.js';
import type { Folder } from './folder.js';
import { type Damage, RecordReader } from './record-reader.js';
import type { Segment, SegmentLog } from './segment-log.js';

const retryMs = 1000;
/** So often a piece is tried before its segment is given up: a sector that is gone stays gone. */
const maxTries = 60;

export interface BacklogOptions {
  readonly folder: Folder;
  readonly log: SegmentLog;
  readonly pool: BlockPool;
  readonly window: BatchWindow;
  readonly aside: Aside;
  readonly counters: OutputCounters;
  readonly complaints: Complaints;
  /** A batch was read; false if it has been acked already: it is then let go of. */
  readonly isWanted: (batch: Held) => boolean;
  readonly retryMs?: number;
  /** The window holds more than before. */
  readonly onRead: () => void;
  /** Bytes of which no record could be made. */
  readonly onLost: (bytes: number) => void;
  /** Events that are not there any more. */
  readonly onMissing: (events: number) => void;
  /** A segment cannot be read to its end: it is to be kept for people. */
  readonly onUnreadable: (segment: Segment) => void;
  /** It is at rest again: the window holds all that is on disk and not acked. */
  readonly onCaughtUp: () => void;
}

export class Backlog {
  readonly #options: BacklogOptions;
  #reader: RecordReader | null = null;
  #busy = false;
  #filled: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  get atRest(): boolean {
    return this.#reader === null;
  }

  /** The segment that it reads; null at rest. */
  get segment(): Segment | null {
    return this.#reader?.segment ?? null;
  }

  /** From here on batches are on disk only. Call it at rest. */
  startAt(segment: Segment, offset: number, eventsBefore: number | null): void {
    const { folder, pool, log } = this.#options;
    const options = {
      folder,
      pool,
      next: (after: Segment) => log.next(after),
      onDamage: (damage: Damage) => this.#onDamage(damage),
      onMissing: (events: number) => this.#onMissing(events),
      onGone: (bytes: number, gone: Segment) => this.#onGone(bytes, gone),
      droppedTo: () => log.droppedTo,
    };
    this.#reader = new RecordReader(options, segment, offset, eventsBefore);
  }

  /** Reads on as long as the window has room. Never rejects. */
  fill(): Promise<void> {
    if (!this.#busy) this.#filled = this.#fill();
    return this.#filled;
  }

  /** Resolves once nothing is being read any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#filled;
    await this.#reader?.close().catch(() => {});
  }

  async #fill(): Promise<void> {
    const { window } = this.#options;
    const { signal } = this.#closing;
    let tries = 0;
    this.#busy = true;
    while (this.#reader !== null && window.hasRoom && !signal.aborted) {
      try {
        await this.#readOn(this.#reader);
        tries = 0;
      } catch (error) {
        if (++tries >= maxTries) this.#giveUp(this.#reader);
        else await this.#pause(error);
      }
    }
    this.#busy = false;
  }

  async #pause(error: unknown): Promise<void> {
    const { complaints, retryMs: ms = retryMs } = this.#options;
    complaints.say(
      'SPOOL_READ_FAILED',
      `the spool cannot be read (${wordsOf(error)}); it is tried again`,
    );
    await sleep(ms, undefined, { ref: false, signal: this.#closing.signal }).catch(() => {});
  }

  #giveUp(reader: RecordReader): void {
    const { counters, complaints, onLost, onUnreadable } = this.#options;
    const { segment } = reader;
    const bytes = reader.skipSegment();
    counters.spool_damaged_bytes += bytes;
    onLost(bytes);
    complaints.say(
      'SPOOL_SEGMENT_UNREADABLE',
      `${bytes} bytes of ${segment.name} cannot be read: given up`,
    );
    onUnreadable(segment);
  }

  async #readOn(reader: RecordReader): Promise<void> {
    const { window, pool, isWanted, onRead, onCaughtUp } = this.#options;
    const batches = await reader.read();
    for (const batch of batches) {
      if (isWanted(batch)) window.push(batch);
      else pool.release(batch.block);
    }
    if (batches.length > 0) {
      onRead();
    } else if (reader.caughtUp) {
      this.#reader = null;
      onCaughtUp();
      await reader.close();
    }
  }

  #onDamage(damage: Damage): void {
    const { aside, counters, complaints, onLost } = this.#options;
    const { segment, offset, bytes } = damage;
    counters.spool_damaged_bytes += bytes.length;
    onLost(bytes.length);
    const name = aside.damage(damage);
    if (name === null) counters.spool_damaged_bytes_lost += bytes.length;
    const where = name === null ? 'there is no room to set them aside' : `set aside as ${name}`;
    const what = `${bytes.length} bytes at ${offset} of ${segment.name} are no record: ${where}`;
    complaints.say('SPOOL_DAMAGED', what);
  }

  #onGone(bytes: number, segment: Segment): void {
    const { counters, complaints, onLost } = this.#options;
    counters.spool_damaged_bytes += bytes;
    counters.spool_damaged_bytes_lost += bytes;
    onLost(bytes);
    complaints.say(
      'SPOOL_SEGMENT_GONE',
      `${bytes} bytes of ${segment.name} are gone: somebody has removed them`,
    );
  }

  #onMissing(events: number): void {
    this.#options.counters.spool_missing_events += events;
    this.#options.onMissing(events);
    const text = `${events} events of the spool cannot be read any more`;
    this.#options.complaints.say('SPOOL_EVENTS_MISSING', text);
  }
}
