/**
 * A guess at the next key. A feed writes its keys in one order, so the key that followed last time
 * mostly follows again: then one comparison tells both where the key begins and which it is,
 * instead of a scan, a hash and a comparison. A wrong guess costs a look at one word, as a rule.
 */
import { keyCount, keys } from '../dictionary/dictionary.js';
import { Byte } from './bytes.js';

const { EQUALS } = Byte;

/**
 * A blank and the key, in words of four bytes (little-endian) from the end back to the blank; the
 * last word is as long as it needs to be, which `masks` says. Words of key `id` are in
 * `[startOf[id], startOf[id + 1])`.
 */
const startOf = new Int32Array(keyCount + 1);
const spellings = keys.map(({ key }) => Buffer.from(key, 'latin1'));
const lengths = Int32Array.from(keys, ({ key }) => key.length);
const spelled = keys.map(({ key }) => (key === '' ? '' : ` ${key}`));
const wordCount = spelled.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
const words = new Int32Array(wordCount);
const masks = new Int32Array(wordCount);
spelled.forEach((text, id) => {
  let word = startOf[id]!;
  for (let back = 0; back < text.length; back++) {
    const shift = (3 - (back & 3)) * 8;
    words[word]! |= text.charCodeAt(text.length - 1 - back) << shift;
    masks[word]! |= 0xff << shift;
    if ((back & 3) === 3 || back === text.length - 1) word++;
  }
  startOf[id + 1] = word;
});
/** No key and its blank take more words; nothing that comes earlier in a buffer is compared. */
const maxBytes = 4 * Math.max(...spelled.map((text) => Math.ceil(text.length / 4)));

export class KeyOrder {
  /** Dictionary id -> the one that followed it last time; index 0 is the start of an extension. */
  readonly next = new Int16Array(keyCount);
}

/** Where the `=` stands behind key `id` if that begins at `at`, spelled exactly; else -1. */
export function equalsBehind(bytes: Uint8Array, id: number, at: number): number {
  const length = lengths[id]!;
  const spelling = spellings[id]!;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== spelling[i]) return -1;
  return length > 0 && bytes[at + length] === EQUALS ? at + length : -1;
}

/**
 * Where key `id` begins if it stands before the `=` at `equals`, spelled exactly and behind a blank;
 * else -1.
 */
export function keyBefore(view: DataView, id: number, equals: number): number {
  if (id === 0 || equals < maxBytes) return -1;
  const last = startOf[id + 1]!;
  let at = equals - 4;
  for (let word = startOf[id]!; word < last; word++, at -= 4) {
    if (((view.getInt32(at, true) ^ words[word]!) & masks[word]!) !== 0) return -1;
  }
  return equals - lengths[id]!;
}
