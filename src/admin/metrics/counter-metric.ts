/** A metric that shows counters (docs/counters.md) as they stand, told apart by labels. */

export interface CounterMetric<Key extends string> {
  /** Without `stegwatch_` and `_total`. */
  readonly name: string;
  readonly help: string;
  /** Names of the labels; their values are fixed by this table, so they are few. */
  readonly labels: readonly string[];
  /** Label values of each counter. */
  readonly of: readonly (readonly [Key, ...string[]])[];
  /** The counter that all of these add up to, if it is counted too. */
  readonly sum?: Key;
}

/** One counter, without labels. */
export function plain<Key extends string>(
  name: string,
  key: Key,
  help: string,
): CounterMetric<Key> {
  return { name, help, labels: [], of: [[key]] };
}
