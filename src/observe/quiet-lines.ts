/** Rate of log lines: whoever sends, or a disk that fails, decides how often there is reason to complain. */

const quietMs = 60_000;

export class QuietLines {
  readonly #now: () => number;
  /** By kind, of which there are few. */
  readonly #lines = new Map<string, { atMs: number; heldBack: number }>();

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Once a minute for each kind: how many lines were held back since the last one; else null. */
  mayWrite(kind: string): number | null {
    const now = this.#now();
    const line = this.#lines.get(kind);
    if (line !== undefined && now - line.atMs < quietMs) {
      line.heldBack++;
      return null;
    }
    this.#lines.set(kind, { atMs: now, heldBack: 0 });
    return line?.heldBack ?? 0;
  }
}
