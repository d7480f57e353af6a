/** What a document shows of a config is one: each block of `yaml` is loaded. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.js';
import { documents, read } from './documents.js';

/** Theirs are run by test/detect/exclusions/manual.test.ts and test/commands/config-tests/run-test.test.ts. */
const elsewhere = ['docs/exclusions.md', 'docs/testing-a-config.md'];

t.test('each loads', async (t) => {
  const folder = t.testdir({ 'admin-token': 'sixteen-letters-of-token' });
  let loaded = 0;
  for (const document of documents.filter((one) => !elsewhere.includes(one))) {
    for (const [, block] of read(document).matchAll(/^```yaml\n(.*?)^```$/gms)) {
      const text = block!.replaceAll('/etc/stegwatch', folder);
      const keys = Object.keys(parse(text) ?? {});
      const file = join(folder, 'stegwatch.yaml');
      writeFileSync(file, text);
      t.doesNotThrow(() => loadConfig({ file, env: {} }), `${document}: ${keys}`);
      loaded++;
    }
  }
  t.ok(loaded >= 6, `${loaded} blocks`);
});
