/**
 * A real Fluentd as receiver: in_forward on loopback, out_file into a folder of the test. One process
 * without supervisor, so that signals reach the one that holds the sockets. What it has acked is in
 * its file buffer, so it survives a kill and is written after the next start.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Test } from 'tap';
import { until } from './until.js';

export interface FluentdOptions {
  /** Path of the program, from `requirePeer`. */
  readonly fluentd: string;
  /** Empty folder for its config, buffer and output. */
  readonly folder: string;
  /** With it clients must log in. */
  readonly sharedKey?: string;
  /** Together with the shared key: clients must give them too. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Paths of PEM files; with `clientCa` clients must show a certificate that it signed. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
  /** Instead of ours, a configuration that listens on this port; `records` and `count` are ours only. */
  readonly config?: (port: number) => string;
}

export interface FluentdRecord {
  /** Event time in epoch seconds, to the nanosecond: `1700000000.123000000`. */
  readonly time: string;
  readonly record: Record<string, unknown>;
}

/** Ruby takes a second or two; far more on a busy machine. */
const startWithinMs = 60_000;

export class Fluentd {
  readonly port: number;
  readonly #options: FluentdOptions;
  #sharedKey: string | undefined;
  #child: ChildProcess | null = null;
  /** What it said since its last start. */
  #output = '';
  readonly #counted = new Map<string, { lines: number; bytes: number }>();

  private constructor(port: number, options: FluentdOptions) {
    this.port = port;
    this.#options = options;
    this.#sharedKey = options.sharedKey;
  }

  /** Starts it and waits until it listens. It is killed at the end of the test. */
  static async start(t: Test, options: FluentdOptions): Promise<Fluentd> {
    const fluentd = await Fluentd.make(t, options);
    await fluentd.start();
    return fluentd;
  }

  /** Has its port, and is not yet started. */
  static async make(t: Pick<Test, 'teardown'>, options: FluentdOptions): Promise<Fluentd> {
    const fluentd = new Fluentd(await freePort(), options);
    t.teardown(() => fluentd.kill());
    return fluentd;
  }

  /** Takes effect at the next start. */
  set sharedKey(key: string) {
    this.#sharedKey = key;
  }

  async start(): Promise<void> {
    const { fluentd, folder, config: given } = this.#options;
    const config = join(folder, 'fluentd.conf');
    mkdirSync(join(folder, 'out'), { recursive: true });
    writeFileSync(config, given === undefined ? this.#config() : given(this.port));
    const child = spawn(fluentd, ['--no-supervisor', '-c', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ruby's own settings of the caller must not change what is tested.
      // A SIGCONT makes it dump its threads: into the test's folder, not the machine's.
      env: { ...process.env, RUBYOPT: '', SIGDUMP_PATH: join(folder, 'sigdump.log') },
    });
    this.#child = child;
    this.#output = '';
    const keep = (bytes: Buffer): void => {
      this.#output += bytes.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    await until(
      'fluentd listens',
      () => {
        if (child.exitCode !== null) throw new Error(`fluentd ended:\n${this.#output}`);
        return this.#output.includes('fluentd worker is now running');
      },
      startWithinMs,
    );
  }

  /** Lets it write what it has and ends it. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** It stands still: connections are still accepted by the kernel, nothing is read or acked. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** What it has written under this tag, in order. */
  records(tag: string): FluentdRecord[] {
    const file = join(this.#options.folder, 'out', `${tag}.log`);
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => {
      const [time, record] = line.split('\t') as [string, string];
      return { time, record: JSON.parse(record) };
    });
  }

  /** How many records it has written under this tag; reads only what is new since the last call. */
  count(tag: string): number {
    const file = join(this.#options.folder, 'out', `${tag}.log`);
    const counted = this.#counted.get(tag) ?? { lines: 0, bytes: 0 };
    if (!existsSync(file)) return counted.lines;
    const size = statSync(file).size;
    if (size > counted.bytes) {
      const fresh = Buffer.alloc(size - counted.bytes);
      const handle = openSync(file, 'r');
      counted.bytes += readSync(handle, fresh, 0, fresh.length, counted.bytes);
      closeSync(handle);
      for (let at = fresh.indexOf(10); at >= 0; at = fresh.indexOf(10, at + 1)) counted.lines++;
      this.#counted.set(tag, counted);
    }
    return counted.lines;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    // A stopped process takes no signal but SIGKILL before it goes on.
    child.kill('SIGCONT');
    await exited;
  }

  #config(): string {
    const { folder, tls, user } = this.#options;
    const transport =
      tls === undefined
        ? ''
        : `<transport tls>
    cert_path ${tls.cert}
    private_key_path ${tls.key}
    ${tls.clientCa === undefined ? '' : `client_cert_auth true\n    ca_path ${tls.clientCa}`}
  </transport>`;
    const users =
      user === undefined
        ? ''
        : `user_auth true
    <user>
      username ${user.name}
      password ${user.password}
    </user>`;
    const security =
      this.#sharedKey === undefined
        ? ''
        : `<security>
    self_hostname receiver.test
    shared_key ${this.#sharedKey}
    ${users}
  </security>`;
    return `<source>
  @type forward
  bind 127.0.0.1
  port ${this.port}
  ${transport}
  ${security}
</source>
<match fluent.**>
  @type null
</match>
<match **>
  @type file
  path ${join(folder, 'out')}/\${tag}
  append true
  <format>
    @type out_file
    output_tag false
    time_type string
    time_format %s.%N
  </format>
  <buffer tag>
    @type file
    path ${join(folder, 'buffer')}
    flush_mode interval
    flush_interval 0.1s
    flush_thread_interval 0.1
    flush_thread_burst_interval 0.1
    flush_at_shutdown true
  </buffer>
</match>
`;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
