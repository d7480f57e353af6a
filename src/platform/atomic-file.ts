/**
 * Replaces a file so that a crash at any moment leaves either the old one or the new one, whole:
 * temporary file beside it, fsync, rename, fsync of the directory (rename(2) alone promises nothing
 * about what is on disk after a power loss).
 */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What an interrupted replacement leaves behind ends in this; safe to delete at start. */
export const temporarySuffix = '.tmp';

/** Owner writes, group may read: the files hold host names people visited. */
const fileMode = 0o640;

/**
 * Writes `parts` one after the other as the new content of `path` and resolves with its length once
 * it is on disk. On failure the old file stands, the temporary one is gone, and the error of the file
 * system is thrown. Two replacements of one path must not run at once: they share the temporary name.
 */
export async function replaceFile(path: string, parts: Iterable<Uint8Array>): Promise<number> {
  const temporary = path + temporarySuffix;
  let length = 0;
  try {
    const file = await open(temporary, 'w', fileMode);
    try {
      for (const part of parts) {
        await file.appendFile(part);
        length += part.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(path));
  return length;
}

/** Makes renames and deletions in a directory durable. Windows cannot open directories: no-op there. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
