/** Holds the Dockerfile to the program, without Docker: what it says, and what its steps make, run as it runs it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../src/config/load.js';
import { Dockerfile } from '../support/dockerfile.js';
import { cliPath } from '../support/stegwatch.js';

const root = join(dirname(cliPath), '..');
const dockerfile = new Dockerfile(join(root, 'Dockerfile'));
const configFile = '/etc/stegwatch/stegwatch.yaml';
const program = ['node', '/app/dist/cli.js'];

/** Even majors, which get fixes for 30 months (nodejs/Release), and until when. */
const longTermSupport: Readonly<Record<string, string>> = { 24: '2028-04', 26: '2029-04' };

t.test('both stages have one base, of a Node with long-term support that we support', async (t) => {
  t.equal(dockerfile.stages.length, 2);
  const bases = dockerfile.stages.map(([from]) => from!.args.replace(/ AS \w+$/, ''));
  t.equal(new Set(bases).size, 1);
  const [, major] = /^node:(\d+)-[a-z]+-slim$/.exec(bases[0]!) ?? [];
  t.ok(major !== undefined && major in longTermSupport, bases[0]!);
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  t.equal(engines.node, '^20.15 || >=22.2', 'which that is in');
});

t.test('it is nobody, by number, and writes to the one volume only', async (t) => {
  t.match(dockerfile.one('USER'), /^[1-9]\d*:[1-9]\d*$/);
  t.equal(dockerfile.one('VOLUME'), dockerfile.workingDirectory);
  const made = dockerfile.all('RUN').filter((line) => line.startsWith('mkdir'));
  t.strictSame(made, [
    `mkdir -p ${dockerfile.one('VOLUME')} && chown ${dockerfile.one('USER')} ${dockerfile.one('VOLUME')}`,
  ]);
  const { baseline, spool } = loadConfig({ file: 'config/stegwatch.yaml', env: {} });
  for (const path of [baseline.path, spool.path!]) t.notOk(path.startsWith('/'), path);
});

t.test('what it runs, and what it asks whether that is well, is there', async (t) => {
  t.strictSame(dockerfile.words('ENTRYPOINT'), program);
  t.strictSame(dockerfile.words('CMD'), ['run', '-c', configFile]);
  t.strictSame(dockerfile.words('HEALTHCHECK'), [...program, 'health', '-c', configFile]);
  const beside = schemaOf('config/stegwatch.yaml');
  t.ok(dockerfile.all('COPY').includes(`config/stegwatch.yaml ${beside} ${dirname(configFile)}/`));
  t.equal(dockerfile.one('STOPSIGNAL'), 'SIGTERM');
  const timeout = /--timeout=(\d+)s/.exec(dockerfile.one('HEALTHCHECK'))![1];
  const ours = /defaultTimeoutMs = (\d+);/.exec(
    readFileSync(join(root, 'src/commands/health.ts'), 'utf8'),
  )![1];
  t.ok(Number(timeout) * 1000 > Number(ours) + 1000, 'it has the time to say what is wrong');
});

t.test('it exposes the ports of the config, and not the admin page', async (t) => {
  const config = loadConfig({ file: 'config/stegwatch.yaml', env: {} });
  const { udp, tcp } = config.listen;
  const commented = readFileSync(join(root, 'config/stegwatch.yaml'), 'utf8');
  /** The port of a listener that is there only as a comment. */
  const example = (section: string): string =>
    new RegExp(`^ {2}# {3}${section}:\\n(?: {2}# {5}.*\\n)*? {2}# {5}port: (\\d+)`, 'm').exec(
      commented,
    )![1]!;
  t.strictSame(dockerfile.one('EXPOSE').split(' '), [
    `${udp[0]!.port}/udp`,
    `${tcp[0]!.port}/tcp`,
    `${example('tls')}/tcp`,
    `${example('relp')}/tcp`,
  ]);
});

t.test(
  'what it copies is there, in git, and let through by .dockerignore, which lets nothing else',
  async (t) => {
    const copied = dockerfile.stages
      .flat()
      .filter(({ name, args }) => name === 'COPY' && !args.startsWith('--from'))
      .flatMap(({ args }) => args.split(' ').slice(0, -1));
    t.ok(copied.length > 5);
    const [all, ...let_] = readFileSync(join(root, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    t.equal(all, '*');
    const through = let_.map((line) => line.replace(/^!/, ''));
    t.strictSame(
      through.sort(),
      [...new Set(copied.map((path) => path.split('/')[0]!))].sort(),
      'no more and no less',
    );
    for (const path of copied) {
      t.ok(existsSync(join(root, path)), path);
      t.ok(git('ls-files', '--', path) !== '', `${path} is in git`);
    }
  },
);

/** The schema that a config names in its first line, for editors: relative to it. */
function schemaOf(config: string): string {
  const [first] = readFileSync(join(root, config), 'utf8').split('\n');
  return join(dirname(config), first!.split('$schema=')[1]!);
}

/** Where there is no git, as in an unpacked archive, all that is there counts. */
function git(...args: readonly string[]): string {
  if (!existsSync(join(root, '.git'))) return 'unknown';
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' });
}
