/** Where nothing is found: which folder was looked at, and why it may be the wrong one. */
import { isAbsolute, resolve } from 'node:path';
import type { Config } from '../../config/config.js';

/** Lines for a person. @param path of the spool, as the config has it */
export function noSpoolYet(
  { file, spool }: Pick<Config, 'file' | 'spool'>,
  path: string,
): readonly string[] {
  const lines = [`There is no spool in ${resolve(path)} yet.`];
  if (file === '') {
    lines.push(
      'No config was given, so this is the default folder, below the working directory: ' +
        '-c FILE looks where the config of `run` has it.',
    );
  } else if (spool.path !== null && !isAbsolute(spool.path)) {
    lines.push(
      `spool.path (${spool.path}) is relative to the working directory: look from the one that \`run\` is started in.`,
    );
  }
  return lines;
}
