/**
 * Where commands of documents are run: a folder that has what they name. Paths of an installation stand for folders in it,
 * `stegwatch` is the program as built, `journalctl` shows the log of a `run` that is at work, and the ports in the
 * documents are that one's.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Test } from 'tap';
import { testFolder } from '../support/folder.js';
import { type Sidecar, startSidecar } from '../support/stegwatch.js';
import { cefLine, traffic } from '../support/traffic.js';
import { until } from '../support/until.js';
import { root } from './documents.js';

const msPerHour = 3_600_000;
const quickMs = 60_000;
/** Above any threshold of the traffic, and of a host that it does not have. */
const large = (host: string, atMs: number): string =>
  `<134>CEF:0|Example|Proxy|1|1|GET|3|rt=${atMs} in=90000000 request=https://${host}/photo.jpg dhost=${host}`;

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Stage {
  readonly #folder: string;
  readonly #live: { readonly folder: string; readonly sidecar: Sidecar };

  private constructor(folder: string, live: { folder: string; sidecar: Sidecar }) {
    this.#folder = folder;
    this.#live = live;
  }

  static async build(t: Test): Promise<Stage> {
    const folder = testFolder(t, { template: {}, live: {} });
    const template = join(folder, 'template');
    dress(template, Date.now());
    await promisify(execFile)(
      process.execPath,
      [join(root, 'dist/cli.js'), 'learn', '-c', 'stegwatch.yaml', 'proxy.log'],
      { cwd: template },
    );
    const live = join(folder, 'live');
    cpSync(template, live, { recursive: true, verbatimSymlinks: true });
    const ports = { admin: 0, tcp: 0 };
    const sidecar = await startSidecar(live, liveConfig(ports), (end) => t.teardown(end));
    const config = liveConfig({
      admin: Number(new URL(sidecar.adminUrl).port),
      tcp: sidecar.tcpPort,
    });
    for (const file of [join(live, 'stegwatch.yaml'), join(template, 'etc/stegwatch.yaml')])
      writeFileSync(file, config);
    const stage = new Stage(folder, { folder: live, sidecar });
    await stage.#takeIn(large('live.example', Date.now()));
    return stage;
  }

  async #takeIn(line: string): Promise<void> {
    const { tcpPort, adminUrl } = this.#live.sidecar;
    const sent = spawn('bash', ['-c', `echo '${line}' > /dev/tcp/127.0.0.1/${tcpPort}`]);
    await once(sent, 'exit');
    await until('an alert', async () => {
      const status = await (await fetch(`${adminUrl}/status.json`)).json();
      return (status as { alerts: unknown[] }).alerts.length > 0;
    });
  }

  /** One for a document; commands in it see what those before them have left. */
  play(document: string): Scene {
    const { sidecar } = this.#live;
    const isLive = document === 'docs/debug.md';
    const home = isLive ? this.#live.folder : join(this.#folder, document.replaceAll('/', '-'));
    if (!isLive)
      cpSync(join(this.#folder, 'template'), home, { recursive: true, verbatimSymlinks: true });
    const log = join(this.#folder, 'live.log');
    writeFileSync(log, sidecar.log.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return new Scene({
      home,
      // What an example's own README names is beside it.
      folder: /^examples\/(tls)\//.test(document) ? join(home, dirname(document)) : home,
      ports: { 5514: sidecar.tcpPort, 9598: Number(new URL(sidecar.adminUrl).port) },
      log,
    });
  }
}

interface SceneOptions {
  readonly home: string;
  readonly folder: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly log: string;
}

class Scene {
  readonly #options: SceneOptions;
  #cwd: string;

  constructor(options: SceneOptions) {
    this.#options = options;
    this.#cwd = options.folder;
  }

  /** Until it ends; what never ends is told to once it has `said` something. */
  async run(text: string, said: RegExp | null = null): Promise<Ran> {
    const command = this.#here(text);
    const cd = /^cd (\S+)$/.exec(command);
    if (cd !== null) {
      this.#cwd = cd[1]!;
      return { status: 0, stdout: '', stderr: '' };
    }
    const { home, log } = this.#options;
    const child = spawn('bash', ['-o', 'pipefail', '-c', command], {
      cwd: this.#cwd,
      // Of its own, so that all of a pipe can be told to end.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: [join(home, 'bin'), process.env.PATH].join(delimiter),
        STEGWATCH_LOG: log,
      },
    });
    const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), quickMs);
    try {
      return await ended(child, said);
    } finally {
      clearTimeout(timer);
    }
  }

  #here(text: string): string {
    const { home, ports } = this.#options;
    let command = text
      .replaceAll(/\/opt\/stegwatch(\.new)?\/node_modules\/\.bin\/stegwatch/g, 'stegwatch')
      .replaceAll('runuser -u stegwatch -- ', '')
      // Should the test be killed, it must not go on for ever.
      .replace(/^tail -F /, 'timeout 60 tail -F ')
      .replaceAll('/etc/stegwatch/', `${home}/etc/`)
      .replaceAll('/var/lib/stegwatch', home)
      .replaceAll('/var/log/proxy/', `${home}/log/`);
    for (const [port, own] of Object.entries(ports)) command = command.replaceAll(port, `${own}`);
    return command;
  }
}

async function ended(child: ChildProcess, said: RegExp | null): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  let told = false;
  const look = (): void => {
    if (said === null || told || !said.test(stdout + stderr)) return;
    told = true;
    process.kill(-child.pid!, 'SIGTERM');
  };
  child.stdout!.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
    look();
  });
  child.stderr!.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
    look();
  });
  const [code] = await once(child, 'close');
  // A shell that was told to end says so by a code of its own; what it ran has said what was waited for.
  return { status: told ? 0 : code, stdout, stderr };
}

const liveConfig = ({ admin, tcp }: { admin: number; tcp: number }): string => `
listen: { udp: false, tcp: { address: 127.0.0.1, port: ${tcp} } }
# Nobody is there: debugging begins with an output that is away.
forward: { fluentd: { servers: [ { port: 1 } ] } }
admin: { port: ${admin} }
`;

/** All that the documents name, beside the program. */
function dress(folder: string, nowMs: number): void {
  for (const name of ['config', 'examples'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of ['dist', 'build']) symlinkSync(join(root, name), join(folder, name));
  // Other tests listen too.
  const quiet = (file: string, more = ''): void => {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8').replaceAll(/port: (5514|9598)/g, 'port: 0');
    writeFileSync(path, text + more);
  };
  quiet('config/stegwatch.yaml');
  quiet('examples/tap/stegwatch.yaml', 'admin: { port: 0 }\n');
  for (const name of ['bin', 'etc', 'log']) mkdirSync(join(folder, name));
  program(join(folder, 'bin/stegwatch'), `exec '${process.execPath}' '${root}/dist/cli.js' "$@"`);
  program(join(folder, 'bin/journalctl'), 'exec cat "$STEGWATCH_LOG"');
  cpSync(join(root, 'examples/fluentd-exec-filter/filter.yaml'), join(folder, 'etc/filter.yaml'));
  writeFileSync(join(folder, 'stegwatch.yaml'), 'admin: { port: 0 }\n');

  const startMs = nowMs - 8 * 24 * msPerHour;
  const lines = traffic({ seed: 7, startMs, hours: 8 * 24 - 1, eventsPerHour: 6 }).map((row) =>
    cefLine(row),
  );
  const alert = large('new.example', nowMs);
  const logs = {
    'proxy.log': [...lines, alert],
    'proxy-1.log.gz': lines,
    'proxy-2.log.gz': [alert],
  };
  for (const [name, some] of Object.entries(logs)) {
    const text = `${some.join('\n')}\n`;
    writeFileSync(join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text);
  }
  for (const copy of ['proxy-3.log', 'log/proxy.log'])
    cpSync(join(folder, 'proxy.log'), join(folder, copy));
  for (const copy of ['proxy.log.gz', 'log/proxy-1.log.gz'])
    cpSync(join(folder, 'proxy-1.log.gz'), join(folder, copy));
  writeFileSync(join(folder, 'line.txt'), `${alert}\n`);
  writeFileSync(join(folder, 'alert.json'), JSON.stringify({ raw: alert }));
}

function program(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}
