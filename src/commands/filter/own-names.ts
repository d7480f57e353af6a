/**
 * The names in a record that came from elsewhere and to which stegwatch adds. What the record has stays as it
 * is, and a field of that name is not added; but for the few names that say what stegwatch found: nothing
 * that came with a record may pass for a verdict, so there it is the record's key that gives way, and becomes
 * `ext_<key>`, as an extension key does (docs/record.md).
 */
import { keyPrefix } from '../../encode/record-names.js';

const prefix = keyPrefix.toString('latin1');
/** As sinks read them: in any case, and with a dot for a path. */
const verdicts = /^(?:alert|alert_suppressed|parse_error)(?:\.|$)/i;

export class OwnNames {
  readonly #tagKey: string | null;
  readonly #names = new Set<string>();
  /** Bit n: a name is n bytes long, or n + 32, … */
  #lengths = 0;
  /** How many have to give way. */
  #reserved = 0;

  /** @param tagKey a key of the record that is ours, too; null: none */
  constructor(tagKey: string | null) {
    this.#tagKey = tagKey;
  }

  clear(): void {
    this.#names.clear();
    this.#lengths = 0;
    this.#reserved = 0;
  }

  add(name: string): void {
    this.#names.add(name);
    this.#lengths |= 1 << (Buffer.byteLength(name) & 31);
    if (this.#isReserved(name)) this.#reserved++;
  }

  get reserved(): number {
    return this.#reserved;
  }

  /** Whether a field of the name in `bytes[start, end)` is not to be added. */
  has(bytes: Buffer, start: number, end: number): boolean {
    if ((this.#lengths & (1 << ((end - start) & 31))) === 0) return false;
    const name = bytes.toString('utf8', start, end);
    return this.#names.has(name) && !this.#isReserved(name);
  }

  /** The name under which the record keeps it. */
  kept(name: string): string {
    if (!this.#isReserved(name)) return name;
    let free = prefix + name;
    while (this.#names.has(free)) free = prefix + free;
    return free;
  }

  #isReserved(name: string): boolean {
    return name === this.#tagKey || verdicts.test(name);
  }
}
