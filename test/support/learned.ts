/** A baseline that six days of JPEGs have taught, by `learn` of the real program. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyLines } from './numbered-lines.js';
import { cliPath } from './stegwatch.js';

/** @param folder the working directory of the `run` to come, with this config */
export function learnHistory(folder: string, yaml: string): void {
  writeFileSync(join(folder, 'learn.yaml'), yaml);
  writeFileSync(join(folder, 'old.log'), `${historyLines(Date.now()).join('\n')}\n`);
  execFileSync(process.execPath, [cliPath, 'learn', '-c', 'learn.yaml', 'old.log'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}
