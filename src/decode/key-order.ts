/**
 * A guess at the next key. A feed writes its keys in one order, so the key that followed last time
 * mostly follows again: then one comparison tells both where the key ends and which it is, instead
 * of a scan, a hash and a comparison. A wrong guess costs a look at one byte, as a rule.
 */
import { keyCount, keys } from '../dictionary/dictionary.js';
import { Byte } from './bytes.js';

const { EQUALS } = Byte;

/** All keys of the dictionary in a row; key `id` is in `[startOf[id], startOf[id + 1])`. */
const spelling = Buffer.from(keys.map(({ key }) => key).join(''), 'latin1');
const startOf = new Int32Array(keyCount + 1);
/**
 * The first eight bytes of each key as two little-endian numbers, and masks of what counts in them.
 */
const words = new Int32Array(keyCount * 2);
const masks = new Int32Array(keyCount * 2);
const wordsBytes = 8;
for (const { id, key } of keys) {
  startOf[id + 1] = startOf[id]! + key.length;
  for (let i = 0; i < Math.min(key.length, wordsBytes); i++) {
    const word = id * 2 + (i >> 2);
    words[word]! |= key.charCodeAt(i) << ((i & 3) * 8);
    masks[word]! |= 0xff << ((i & 3) * 8);
  }
}

export class KeyOrder {
  /** Dictionary id of the key that is expected next; 0 if none is. */
  expected = 0;
  #previous = 0;
  /** Dictionary id -> the one that followed it last time; index 0 is the start of an extension. */
  readonly #next = new Int16Array(keyCount);

  /** A new extension begins. */
  begin(): void {
    this.#previous = 0;
    this.expected = this.#next[0]!;
  }

  /**
   * Offset of the `=` behind the expected key if it begins at `at`, spelled exactly; else -1.
   *
   * @param view a view on all of `bytes`, or null: with it, most keys take one comparison without a
   *   loop
   */
  match(bytes: Uint8Array, view: DataView | null, at: number, end: number): number {
    const id = this.expected;
    let k = startOf[id]!;
    const length = startOf[id + 1]! - k;
    const equals = at + length;
    if (equals >= end || bytes[equals] !== EQUALS || length === 0) return -1;
    let i = at;
    if (view !== null && at + wordsBytes <= end) {
      const first = (view.getInt32(at, true) ^ words[id * 2]!) & masks[id * 2]!;
      const second = (view.getInt32(at + 4, true) ^ words[id * 2 + 1]!) & masks[id * 2 + 1]!;
      if ((first | second) !== 0) return -1;
      i += wordsBytes;
      k += wordsBytes;
    }
    for (; i < equals; i++, k++) if (bytes[i] !== spelling[k]) return -1;
    return equals;
  }

  /** Key `id` was there, in the spelling of the dictionary. */
  found(id: number): void {
    this.#next[this.#previous] = id;
    this.#previous = id;
    this.expected = this.#next[id]!;
  }
}
