/** Numbers for people: `12,345`, `1 hour`, `2 hours`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function countOf(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Bytes, to two digits or three: `382 KiB`, `1.5 MiB`. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const power = Math.min(4, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ${['', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
}
