/** What a directory holds, to show that nothing in it has changed. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Of every file and directory: when it was changed last, and of files what they hold. */
export function diskState(path: string): readonly unknown[] {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  return ['', ...names].map((name) => {
    const at = join(path, name);
    const { mtimeMs, ctimeMs, size } = statSync(at);
    const bytes = statSync(at).isFile() ? readFileSync(at).toString('base64') : '';
    return { name, mtimeMs, ctimeMs, size, bytes };
  });
}
