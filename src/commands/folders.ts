/** Whether `run` could make and write the directories of a config. Looks only: nothing is made. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config, ConfigProblem } from '../config/config.js';
import { codeOf } from '../errors.js';
import { reason } from '../platform/regular-file.js';

export function folderProblems({ spool, baseline }: Config): readonly ConfigProblem[] {
  const folders: readonly (readonly [string, string | null])[] = [
    ['spool', spool.path],
    ['baseline', baseline.path],
  ];
  return folders.flatMap(([key, path]) => {
    const why = path === null ? '' : unwritable(resolve(path));
    return why === '' ? [] : [{ path: [key, 'path'], message: why }];
  });
}

/** The second: something above it is a file, which its own turn will tell. */
const missing = new Set(['ENOENT', 'ENOTDIR']);

/** Why this user cannot write there, '' if it can. Of a directory that is missing its parent counts. */
function unwritable(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      if (!statSync(folder).isDirectory()) return `${JSON.stringify(folder)} is not a directory`;
      accessSync(folder, constants.W_OK | constants.X_OK);
      return '';
    } catch (error) {
      if (missing.has(codeOf(error)) && dirname(folder) !== folder) continue;
      const what = folder === path ? 'this directory cannot be written' : 'it cannot be made';
      const where = folder === path ? '' : ` in ${JSON.stringify(folder)}`;
      return `${what}${where}: ${reason(error)}; run needs it (as the user that validate runs as)`;
    }
  }
}
