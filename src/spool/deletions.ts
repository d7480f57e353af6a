/**
 * Segments on their way out, one after the other in the background. The cursor is on disk first, so that a
 * segment that is missing was delivered, or dropped. What cannot be deleted is tried again.
 */
import { damagedFolder } from './aside.js';
import type { Cursor } from './cursor.js';
import type { Folder } from './folder.js';
import type { Segment } from './segment-log.js';

export interface DeletionsOptions {
  readonly folder: Folder;
  readonly cursor: Cursor;
  readonly retryMs: number;
  /** There is room again. */
  readonly onDeleted: () => void;
  readonly onFailure: (error: unknown) => void;
}

export class Deletions {
  readonly #options: DeletionsOptions;
  readonly #waiting: Segment[] = [];
  /** They hold what nobody could read. */
  readonly #kept = new Set<Segment>();
  #running: Promise<void> | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: DeletionsOptions) {
    this.#options = options;
  }

  /** True while a deletion may make room. */
  get pending(): boolean {
    return this.#waiting.length > 0;
  }

  /** When its turn comes it is set aside instead. */
  keep(segment: Segment): void {
    this.#kept.add(segment);
  }

  /** The cursor that says that nobody needs them has been written before. */
  add(segments: readonly Segment[]): void {
    this.#waiting.push(...segments);
    this.#run();
  }

  /** Lets what is under way end, then stops; what is left goes at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    await this.#running;
  }

  #run(): void {
    if (this.#closed || this.#running !== null || this.#waiting.length === 0) return;
    this.#running = this.#deleteWaiting().then((fine) => {
      this.#running = null;
      if (fine) {
        this.#run();
      } else if (!this.#closed) {
        this.#retryTimer = setTimeout(() => this.#run(), this.#options.retryMs).unref();
      }
    });
  }

  async #deleteWaiting(): Promise<boolean> {
    const { folder, cursor, onDeleted, onFailure } = this.#options;
    // The cursor on disk says nothing of those that come while it is forced.
    let covered = this.#waiting.length;
    try {
      await cursor.sync();
      for (; covered > 0; covered--) {
        const { name } = this.#waiting[0]!;
        if (this.#kept.delete(this.#waiting[0]!))
          await folder.move(name, `${damagedFolder}/${name}`);
        else await folder.remove(name);
        this.#waiting.shift();
      }
    } catch (error) {
      onFailure(error);
      return false;
    }
    onDeleted();
    return true;
  }
}
