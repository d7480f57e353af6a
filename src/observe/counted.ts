/** Numbers for people: `12,345`, `1 hour`, `2 hours`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function countOf(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
