import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { testFolder } from './folder.js';

let folder = '';
let thereAtTeardown = false;

t.test('a test that tears something down slowly', async (t) => {
  folder = testFolder(t, { file: '' });
  t.teardown(async () => {
    await sleep(50);
    thereAtTeardown = existsSync(folder);
  });
  t.ok(existsSync(folder));
});

t.test('had its folder until then, and not after', async (t) => {
  t.ok(thereAtTeardown);
  t.notOk(existsSync(folder));
});
