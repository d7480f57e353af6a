/** What a fuzz target is. `targets.ts` lists them all and tells how to add one. */
import type { Random } from '../support/mutate.js';

export interface FuzzTarget {
  /** For `--only` and for messages. */
  readonly name: string;
  /** Valid inputs, from which mutations start. Not empty. */
  readonly seeds: readonly Buffer[];
  /** What means something in the format; mutations insert it. */
  readonly tokens: readonly Buffer[];
  /** Inputs that the test of every build tries; `npm run fuzz` goes on for as long as it is told. */
  readonly inputs: number;
  /** No input is longer. */
  readonly maxLength?: number;
  /**
   * Makes the checksums in `bytes` fit again, in place: half of the inputs are given to it, so that what
   * lies behind a checksum is tried too. For formats that have checksums.
   */
  readonly repair?: (bytes: Buffer) => void;
  /**
   * Throws, in words, if the input leads to anything that must not be. Cuts and choices are made by
   * `random`, so that a seed and a number repeat all of it.
   */
  check(input: Buffer, random: Random): void | Promise<void>;
}

/** Makes a target; `folder` is its own, empty and writable. */
export type MakeTarget = (folder: string) => FuzzTarget | Promise<FuzzTarget>;

export function tokensOf(...texts: readonly string[]): Buffer[] {
  return texts.map((text) => Buffer.from(text));
}

/** Fails, as a target does. */
export function must(holds: boolean, words: string | (() => string)): asserts holds {
  if (!holds) throw new Error(typeof words === 'string' ? words : words());
}
