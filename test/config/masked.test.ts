/** The config as it is shown: nothing that was secret, and nothing of a file's content. */
import { join } from 'node:path';
import t from 'tap';
import { schemaKeys } from '../../src/config/keys.js';
import { maskedConfig } from '../../src/config/masked.js';
import { load, yamlAt } from './loading.js';

t.test('every key that is a secret by its name is masked', async (t) => {
  const secrets = schemaKeys.filter(({ name }) => /^(shared_key|.*password|token)$/.test(name));
  t.ok(secrets.length >= 3, `${secrets.length} secrets`);
  const canary = 'canary-0123456789abcdef';
  for (const { label, parent } of secrets) {
    const text = JSON.parse(yamlAt(label, canary));
    if (parent === 'forward.fluentd') {
      text.forward.fluentd = { username: canary, password: canary, shared_key: canary };
    }
    const shown = JSON.stringify(maskedConfig(load(JSON.stringify(text))));
    t.notMatch(shown, canary, label);
    t.match(shown, '(set)', label);
  }
});

t.test('what files hold is not shown', async (t) => {
  const folder = t.testdir({ values: 'secret-one\nsecret-two\n', key: 'from-a-file' });
  const file = (name: string) => join(folder, name);
  const config = load(`
exclusions: [ { name: a, reason: b, match: { "dhost|values_file": ${file('values')} } } ]
forward: { fluentd: { shared_key_file: ${file('key')} } }
`);
  const shown = maskedConfig(config);
  t.notMatch(JSON.stringify(shown), /secret-|from-a-file/);
  t.match(shown, { exclusions: [{ values_files: { [file('values')]: 2 } }] });
});

t.test('names are those of the YAML, keys of events stay as they are', async (t) => {
  const text = 'exclusions: [ { name: a, reason: b, match: { requestClientApplication: c } } ]';
  t.match(maskedConfig(load(text)), {
    listen: { max_message_bytes: 65_536, udp: [{ receive_buffer_bytes: 4_194_304 }] },
    exclusions: [{ match: { requestClientApplication: 'c' } }],
    forward: { fluentd: { shared_key: null, alert_tag: 'stegwatch.alert' } },
    admin: { address: '127.0.0.1', token: null },
  });
});
