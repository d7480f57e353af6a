/**
 * What is on disk only, on its way back into the window, in the background and bounded by the window's
 * room. While nothing is, it is at rest.
 *
 *     at rest ── startAt ──► reading ── all read ──► at rest
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Complaints } from '../observe/complaints.js';
import type { Counters } from '../observe/counters.js';
import type { Aside } from './aside.js';
import type { BatchWindow, Held } from './batch-window.js';
import type { BlockPool } from './block-pool.js';
import type { Folder } from './folder.js';
import { type Damage, RecordReader } from './record-reader.js';
import type { Segment, SegmentLog } from './segment-log.js';

const retryMs = 1000;

export interface BacklogOptions {
  readonly folder: Folder;
  readonly log: SegmentLog;
  readonly pool: BlockPool;
  readonly window: BatchWindow;
  readonly aside: Aside;
  readonly counters: Counters;
  readonly complaints: Complaints;
  /** A batch was read; false if it has been acked already: it is then let go of. */
  readonly isWanted: (batch: Held) => boolean;
  /** The window holds more than before. */
  readonly onRead: () => void;
  /** Bytes of which no record could be made. */
  readonly onLost: (bytes: number) => void;
  /** It is at rest again: the window holds all that is on disk and not acked. */
  readonly onCaughtUp: () => void;
}

export class Backlog {
  readonly #options: BacklogOptions;
  #reader: RecordReader | null = null;
  #filling = false;
  #closed = false;

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
    };
    this.#reader = new RecordReader(options, segment, offset, eventsBefore);
  }

  /** A segment ahead was taken out: what it held is not missing. */
  expectGap(): void {
    this.#reader?.expectGap();
  }

  /** Reads on as long as the window has room. Never rejects. */
  async fill(): Promise<void> {
    if (this.#filling) return;
    this.#filling = true;
    const { window, complaints } = this.#options;
    while (this.#reader !== null && window.hasRoom && !this.#closed) {
      try {
        await this.#readOn(this.#reader);
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error);
        complaints.say('read', `the spool cannot be read (${words}); it is tried again`);
        await sleep(retryMs, undefined, { ref: false });
      }
    }
    this.#filling = false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader?.close().catch(() => {});
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
    complaints.say('damage', what);
  }

  #onMissing(events: number): void {
    this.#options.counters.spool_missing_events += events;
    const text = `${events} events of the spool cannot be read any more`;
    this.#options.complaints.say('missing', text);
  }
}
