/**
 * A real rsyslogd as sender: reads a file of lines as they came from a proxy (imfile would lose nothing, but
 * imtcp is what sits in front of us in practice, so lines go in over TCP) and forwards each to us by omfwd.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Rsyslog {
  /** Where rsyslog takes lines (newline-framed TCP). */
  readonly port: number;
  stop(): Promise<void>;
}

/** @param action the omfwd parameters after target and port: protocol, framing, template. */
export async function startRsyslog(options: {
  rsyslogd: string;
  folder: string;
  targetPort: number;
  action: string;
  teardown: (end: () => Promise<unknown>) => void;
}): Promise<Rsyslog> {
  const port = await freeTcpPort();
  const config = `global(workDirectory="${options.folder}" maxMessageSize="64k")
module(load="imtcp")
template(name="raw" type="string" string="%rawmsg%")
input(type="imtcp" port="${port}" address="127.0.0.1" ruleset="out")
ruleset(name="out" queue.type="LinkedList" queue.size="500000" queue.timeoutEnqueue="60000") {
  action(type="omfwd" target="127.0.0.1" port="${options.targetPort}" ${options.action})
}
`;
  return runRsyslog({ ...options, config, port });
}

/** @param options.config the whole configuration; it makes rsyslog listen on `port` (TCP) */
export async function runRsyslog(options: {
  rsyslogd: string;
  folder: string;
  config: string;
  port: number;
  teardown: (end: () => Promise<unknown>) => void;
  /** Its complaints of lost connections are expected, and there will be many. */
  quiet?: boolean;
}): Promise<Rsyslog> {
  const { folder, port, quiet = false } = options;
  const file = join(folder, 'rsyslog.conf');
  writeFileSync(file, options.config);
  const child = spawn(options.rsyslogd, ['-n', '-f', file, '-i', join(folder, 'rsyslog.pid')], {
    stdio: ['ignore', 'ignore', quiet ? 'ignore' : 'inherit'],
  });
  options.teardown(() => end(child, 'SIGKILL'));
  await listening(port, child);
  return {
    port,
    stop: () => end(child, 'SIGTERM'),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) return;
    await sleep(50);
  }
  throw new Error(`rsyslogd does not listen on ${port} (exit ${child.exitCode})`);
}

export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
