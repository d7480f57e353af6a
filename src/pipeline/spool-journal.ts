/** A spool on disk as the journal of what was learned: what a baseline must have saved before it may go. */
import type { DiskSpool } from '../spool/disk-spool.js';
import type { Journal } from '../stages.js';
import type { Lane } from './lane.js';

export class SpoolJournal implements Journal {
  readonly #disk: DiskSpool;
  readonly #lane: Lane;

  /** @param lane by which batches come into it */
  constructor(disk: DiskSpool, lane: Lane) {
    this.#disk = disk;
    this.#lane = lane;
  }

  get id(): string {
    return this.#disk.id;
  }

  position(): number | null {
    this.#lane.closeBatch();
    return this.#disk.writeAll() ? this.#disk.lastSeq : null;
  }

  sync(): Promise<boolean> {
    return this.#disk.sync();
  }

  /** A saved baseline has learned everything up to there. */
  cover(position: number): void {
    this.#disk.cover(position);
  }

  /** It holds up the inputs, or fills, with what waits for the baseline alone. */
  get pressed(): boolean {
    return this.#disk.waitsForCheckpoint || this.#disk.full;
  }
}
