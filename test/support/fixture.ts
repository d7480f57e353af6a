/** Files that tests read, kept in test/fixtures; tests run from build/test. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

export function fixture(name: string): string {
  return join(repository, 'test', 'fixtures', name);
}
