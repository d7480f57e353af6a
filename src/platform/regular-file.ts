/** Reads small files that a config names; bounded, so that a wrong path costs no memory. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const notRegular = 'it is no regular file, but a pipe, a device or the like';

/** At most `max` + 1 bytes, as below. Takes pipes too: `-c <(…)`. */
export function readAtMost(file: string, max: number): Buffer {
  return readOpen(openSync(file, 'r'), max);
}

/**
 * At most `max` + 1 bytes: one more than `max` says that there are more. Throws what the system says,
 * and of what is no regular file: a pipe that nobody writes to would be waited for, for ever.
 */
export function readRegularFile(file: string, max: number): Buffer {
  return readOpen(openSync(file, constants.O_RDONLY | constants.O_NONBLOCK), max, true);
}

function readOpen(descriptor: number, max: number, regular = false): Buffer {
  try {
    const stats = fstatSync(descriptor);
    if (regular && !stats.isFile() && !stats.isDirectory()) throw new Error(notRegular);
    const buffer = Buffer.alloc(max + 1);
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, null);
      length += read;
      if (read === 0 || length === buffer.length) return buffer.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Why a file cannot be read, in words. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : reasons[code]) ?? message;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  // A socket cannot even be opened.
  ENXIO: notRegular,
};
