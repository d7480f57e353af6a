/** Holds examples/compose.yaml and examples/kubernetes to the Dockerfile, the config and Fluentd. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import t, { type Test } from 'tap';
import { parse, parseAllDocuments } from 'yaml';
import { validate } from '../../src/commands/validate.js';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load.js';
import { Dockerfile } from '../support/dockerfile.js';
import { testFolder } from '../support/folder.js';
import { requirePeer } from '../support/peers.js';
import { cliPath } from '../support/stegwatch.js';

const root = join(dirname(cliPath), '..');
const examples = join(root, 'examples');
const read = (...path: string[]): string => readFileSync(join(examples, ...path), 'utf8');
const dockerfile = new Dockerfile(join(root, 'Dockerfile'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const configFile = '/etc/stegwatch/stegwatch.yaml';
const [uid, gid] = dockerfile.one('USER').split(':').map(Number);
const volume = dockerfile.one('VOLUME');
/** Where the Fluentd of both examples gets its config. */
const fluentdFile = '/fluentd/etc/fluent.conf';

interface Service {
  readonly image: string;
  readonly volumes: readonly string[];
  readonly ports?: readonly string[];
  readonly [key: string]: unknown;
}
const compose: { services: Record<string, Service>; volumes: object } = parse(read('compose.yaml'));
const [stegwatch, fluentd] = [compose.services.stegwatch!, compose.services.fluentd!];

t.test('compose: the image is ours of this version, and as closed as it can be', async (t) => {
  t.equal(stegwatch.image, `stegwatch:${version}`);
  t.ok(existsSync(join(examples, stegwatch.build as string, 'Dockerfile')));
  t.match(stegwatch, {
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  });
  t.equal(stegwatch.user, undefined, 'that of the image');
  t.equal(stegwatch.healthcheck, undefined, 'that of the image');
  t.ok(Number.parseInt(stegwatch.stop_grace_period as string, 10) > drainSeconds());
});

t.test('compose: one volume, files that are there, ports that are listened on', async (t) => {
  const [config, state, ...more] = stegwatch.volumes;
  t.strictSame(more, []);
  t.equal(config, `./compose/stegwatch.yaml:${configFile}:ro`);
  t.equal(state, `state:${volume}`);
  t.strictSame(Object.keys(compose.volumes), ['state', 'fluentd']);
  t.equal(fluentd.volumes[0], `./compose/fluentd.conf:${fluentdFile}:ro`);
  t.strictSame(
    [...stegwatch.ports!].sort(),
    published(valid(t, read('compose', 'stegwatch.yaml'))),
  );
});

t.test('compose: stegwatch forwards to the Fluentd beside it', async (t) => {
  const { servers } = valid(t, read('compose', 'stegwatch.yaml')).forward.fluentd;
  t.match(servers, [{ host: 'fluentd', port: listensOn(read('compose', 'fluentd.conf')) }]);
  t.match(read('compose', 'fluentd.conf'), 'bind 0.0.0.0');
  t.equal(fluentd.ports, undefined, 'which nobody else reaches');
});

interface Container {
  readonly name: string;
  readonly image: string;
  readonly ports: readonly { name: string; containerPort: number; protocol: string }[];
  readonly securityContext: object;
  readonly resources: { requests: object; limits: Record<string, string> };
  readonly volumeMounts: readonly { name: string; mountPath: string; subPath?: string }[];
  readonly [probe: string]: unknown;
}

const objects = parseAllDocuments(read('kubernetes', 'stegwatch.yaml')).map((document) => {
  if (document.errors.length > 0) throw document.errors[0];
  return document.toJS();
});
const ofKind = (kind: string) => objects.filter((one) => one.kind === kind);
const [configMap, deployment, service] = ['ConfigMap', 'Deployment', 'Service'].map(
  (kind) => ofKind(kind)[0],
);
const pod = deployment.spec.template.spec;
const [sidecar, receiver]: [Container, Container] = pod.containers;

t.test('kubernetes: nobody, by the number of the image, on a read-only root', async (t) => {
  t.match(pod.securityContext, { runAsNonRoot: true, fsGroup: gid });
  t.match(sidecar.securityContext, {
    runAsUser: uid,
    runAsGroup: gid,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  });
  t.equal(pod.automountServiceAccountToken, false);
  t.equal(sidecar.image, `stegwatch:${version}`);
});

t.test('kubernetes: one of it, which has the time to drain', async (t) => {
  t.match(deployment.spec, { replicas: 1, strategy: { type: 'Recreate' } });
  t.ok(pod.terminationGracePeriodSeconds > drainSeconds() + 10);
  t.match(sidecar.resources, { requests: { cpu: /./, memory: /./ }, limits: { memory: /./ } });
  t.equal(sidecar.resources.limits.cpu, undefined);
});

t.test('kubernetes: it runs what the image runs, with the config of the map', async (t) => {
  t.strictSame([sidecar.command, sidecar.args], [undefined, undefined]);
  const [config, state, ...more] = sidecar.volumeMounts;
  t.strictSame(more, []);
  t.match(config, { mountPath: configFile, subPath: 'stegwatch.yaml', readOnly: true });
  t.match(state, { name: 'state', mountPath: volume });
  t.match(receiver.volumeMounts[0], { mountPath: fluentdFile, subPath: 'fluent.conf' });
  t.equal(configMap.immutable, true);
  const named = Object.fromEntries(
    pod.volumes.map((one: Record<string, { name: string; claimName: string }>) => [
      one.name,
      one.configMap?.name ?? one.persistentVolumeClaim?.claimName,
    ]),
  );
  const claims = ofKind('PersistentVolumeClaim').map(({ metadata }) => metadata.name);
  t.strictSame(named, { config: configMap.metadata.name, state: claims[0], fluentd: claims[1] });
});

t.test('kubernetes: probes ask by the subcommand; not being ready never restarts', async (t) => {
  const health = dockerfile.words('HEALTHCHECK');
  const live = health.toSpliced(health.indexOf('health') + 1, 0, '--live');
  t.match(sidecar.readinessProbe, { exec: { command: health } });
  t.match(sidecar.livenessProbe, { exec: { command: live } });
  t.match(sidecar.startupProbe, { exec: { command: live } });
  for (const probe of ['readinessProbe', 'livenessProbe', 'startupProbe'])
    t.ok((sidecar[probe] as { timeoutSeconds: number }).timeoutSeconds >= 5, probe);
  t.equal(service.spec.publishNotReadyAddresses, true);
});

t.test('kubernetes: config, ports and Service fit together', async (t) => {
  const config = valid(t, configMap.data['stegwatch.yaml']);
  t.match(config.forward.fluentd.servers, [
    { host: '127.0.0.1', port: listensOn(configMap.data['fluent.conf']) },
  ]);
  const listened = sidecar.ports.map(
    ({ containerPort, protocol }) => `${containerPort}/${protocol.toLowerCase()}`,
  );
  t.strictSame(
    listened.map((port) => `${Number.parseInt(port, 10)}:${port}`).sort(),
    published(config),
  );
  const targets = service.spec.ports.map(
    ({ targetPort, protocol }: Record<string, string>) => `${targetPort} ${protocol}`,
  );
  t.strictSame(
    targets,
    sidecar.ports.map(({ name, protocol }) => `${name} ${protocol}`),
  );
  const { labels } = deployment.spec.template.metadata;
  t.strictSame(service.spec.selector, labels);
  t.strictSame(deployment.spec.selector.matchLabels, labels);
  const storage = Number.parseInt(
    ofKind('PersistentVolumeClaim')[0].spec.resources.requests.storage,
    10,
  );
  t.ok(
    config.forward.fluentd.spool.maxBytes < storage * 2 ** 30 * 0.7,
    'the baseline has room beside the spool',
  );
});

t.test('every image that is not ours is pinned by its tag', async (t) => {
  for (const image of [fluentd.image, receiver.image]) {
    t.match(image, /^fluent\/fluentd:v\d+\.\d+-debian-\d+$/);
    const installs = readFileSync(join(root, '.ci', 'install-peers'), 'utf8');
    t.match(installs, `--version ${/v([\d.]+)/.exec(image)![1]}.`, 'the series that tests run');
  }
});

const fluentdProgram = requirePeer(t, 'fluentd');
if (fluentdProgram !== null) {
  for (const [name, text] of [
    ['compose', read('compose', 'fluentd.conf')],
    ['kubernetes', configMap.data['fluent.conf'] as string],
  ] as const) {
    t.test(`Fluentd takes the config of ${name}`, async (t) => {
      const folder = testFolder(t, {});
      const file = join(folder, 'fluent.conf');
      writeFileSync(file, text.replaceAll('/fluentd/log', folder));
      const env = { ...process.env, RUBYOPT: '' };
      const args = ['--dry-run', '-c', file];
      const said = execFileSync(fluentdProgram, args, { env, encoding: 'utf8' });
      t.match(said, 'finished dry run mode');
      t.notMatch(said, '[warn]');
    });
  }
}

/** What `validate` takes without a word of warning. */
function valid(t: Test, text: string): Config {
  const file = join(testFolder(t, {}), 'stegwatch.yaml');
  writeFileSync(file, text);
  let said = '';
  const into = new Writable({
    write(chunk, _encoding, done) {
      said += chunk;
      done();
    },
  });
  const streams = { stdout: into, stderr: into };
  const status = validate({ file, env: {}, ...streams, environment: false });
  t.equal(status, 0, said);
  const config = loadConfig({ file, env: {} });
  t.strictSame(config.notices, []);
  return config;
}

/** As Compose writes them, sorted. */
function published({ listen }: Config): string[] {
  return [
    ...listen.udp.map(({ port }) => `${port}:${port}/udp`),
    ...listen.tcp.map(({ port }) => `${port}:${port}/tcp`),
  ].sort();
}

function listensOn(fluentdConfig: string): number {
  return Number(/@type forward\s+bind \S+\s+port (\d+)/.exec(fluentdConfig)![1]);
}

function drainSeconds(): number {
  const run = readFileSync(join(root, 'src', 'commands', 'run.ts'), 'utf8');
  return Number(/const drainDeadlineMs = (\d+)_000;/.exec(run)![1]);
}
