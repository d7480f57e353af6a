/** Every value that a piece of JSON has, by its path: `baselines[].samples`, `rates[][1]`. */

type Joined<At extends string, Key extends string> = At extends '' ? Key : `${At}.${Key}`;

/** Paths of all values of a type. A list is one path, a tuple has one for each of its places. */
export type LeafPath<T, At extends string = ''> = T extends string | number | boolean
  ? At
  : T extends null | undefined
    ? never
    : T extends readonly unknown[]
      ? number extends T['length']
        ? LeafPath<T[number], `${At}[]`>
        : { [K in PlaceIn<T>]: LeafPath<T[K], `${At}[${K}]`> }[PlaceIn<T>]
      : { [K in keyof T & string]: LeafPath<T[K], Joined<At, K>> }[keyof T & string];

type PlaceIn<T extends readonly unknown[]> = Exclude<keyof T, keyof (readonly unknown[])> & string;

/** Paths of the values that are there, those of `tuples` by their places. */
export function leafPaths(value: unknown, tuples: readonly string[], at = ''): Set<string> {
  if (value === null || value === undefined) return new Set();
  if (typeof value !== 'object') return new Set([at]);
  const inside = Array.isArray(value)
    ? value.map((one, i) => [one, tuples.includes(at) ? `${at}[${i}]` : `${at}[]`] as const)
    : Object.entries(value).map(([key, one]) => [one, at === '' ? key : `${at}.${key}`] as const);
  return new Set(inside.flatMap(([one, path]) => [...leafPaths(one, tuples, path)]));
}
