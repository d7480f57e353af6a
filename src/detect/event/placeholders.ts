/** What feeds write for "nothing": `-`, `None`. Compared without regard to case. */
export class Placeholders {
  readonly #texts: ReadonlySet<string>;
  readonly #longest: number;

  /** @param texts in lower case */
  constructor(texts: readonly string[]) {
    this.#texts = new Set(texts);
    this.#longest = Math.max(0, ...texts.map((text) => text.length));
  }

  /** @param text trimmed */
  has(text: string): boolean {
    // Placeholders are short; an attacker's 64 KiB need not be lower-cased to know that.
    return text.length <= this.#longest && this.#texts.has(text.toLowerCase());
  }
}
