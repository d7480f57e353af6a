/**
 * Makes a directory and those above it that are missing. Node's own `recursive` never ends where the
 * system says ENOENT for a directory whose parent is there, as below /proc (seen with Node 20.20.2).
 */

import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../errors.js';

/** Owner writes, group may look: what lies in it are the host names people visited. */
const directoryMode = 0o750;

/** No error if it is there already. Throws what the system says. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || parent === path) throw error;
    await makeDirectory(parent);
    await makeOne(path).catch((cause) => {
      if (codeOf(cause) !== 'ENOENT') throw cause;
      throw new Error(`no directory can be made in ${parent}`, { cause });
    });
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: directoryMode });
  } catch (error) {
    // Whatever is said of a directory that is there (EEXIST, EROFS, EISDIR), it is there.
    const there = await stat(path).catch(() => null);
    if (!there?.isDirectory()) throw error;
  }
}
