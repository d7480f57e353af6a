/** What a document shows of a config is one: each block of `yaml` with nothing but keys of a config is loaded. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { schemaKeys } from '../../src/config/keys.js';
import { loadConfig } from '../../src/config/load.js';
import { documents, read } from './documents.js';

const sections = new Set(schemaKeys.map(({ label }) => label.replace(/[.[].*/, '')));
/** These show a part of something, and have tests of their own. */
const parts = ['docs/exclusions.md', 'docs/testing-a-config.md'];

t.test('each loads', async (t) => {
  const folder = t.testdir({ 'admin-token': 'sixteen-letters-of-token' });
  let loaded = 0;
  for (const document of documents) {
    for (const [, block] of read(document).matchAll(/^```yaml\n(.*?)^```$/gms)) {
      const text = block!.replaceAll('/etc/stegwatch', folder);
      const keys = Object.keys(parse(text, { uniqueKeys: false }) ?? {});
      if (keys.some((key) => !sections.has(key))) {
        t.ok(parts.includes(document), `${document}: ${keys}`);
        continue;
      }
      const file = join(folder, 'stegwatch.yaml');
      writeFileSync(file, text);
      t.doesNotThrow(() => loadConfig({ file, env: {} }), `${document}: ${keys}`);
      loaded++;
    }
  }
  t.ok(loaded >= 8, `${loaded} blocks`);
});
