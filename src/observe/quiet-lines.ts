/** Rate of log lines: whoever sends, or a disk that fails, decides how often there is reason to complain. */

const defaultQuietMs = 60_000;

export class QuietLines {
  readonly #now: () => number;
  readonly #quietMs: number;
  /** By kind, of which there are few. */
  readonly #lines = new Map<string, { atMs: number; heldBack: number }>();

  /**
   * @param now milliseconds
   * @param quietMs at least so long between two lines of a kind
   */
  constructor(now: () => number, quietMs = defaultQuietMs) {
    this.#now = now;
    this.#quietMs = quietMs;
  }

  /** How many lines of the kind were held back since the last one; null if this one is to be. */
  mayWrite(kind: string): number | null {
    const now = this.#now();
    const line = this.#lines.get(kind);
    if (line !== undefined && now - line.atMs < this.#quietMs) {
      line.heldBack++;
      return null;
    }
    this.#lines.set(kind, { atMs: now, heldBack: 0 });
    return line?.heldBack ?? 0;
  }
}
