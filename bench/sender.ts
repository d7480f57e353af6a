/**
 * Sends the workload from memory, which it makes once: whole pieces of lines, in turn over its connections,
 * the block of distinct lines again and again. As fast as it is read, or at a rate.
 *
 *     node build/bench/sender.js '{"protocol":"tcp","port":N, …}'
 *
 * Says `ready`, then answers each command with what was sent.
 */
import { SenderConnections, type Sent } from './measure/sender-connections.js';
import { UdpSender } from './measure/udp-sender.js';
import { workload } from './workload.js';

export interface SenderSettings {
  readonly protocol: 'tcp' | 'tls' | 'relp' | 'udp';
  readonly port: number;
  readonly connections: number;
  readonly seed: number;
  readonly distinctLines: number;
  /** Events per second; null: as fast as they are taken. UDP needs one. */
  readonly rate: number | null;
}

export interface SenderCommand {
  /** Events; rounded up to whole pieces. */
  readonly send: number;
  /** At the rate of the settings, or as fast as they are taken; datagrams then at half of the rate. */
  readonly paced: boolean;
}

export interface SentReport extends Sent {
  /** Epoch, ms. */
  readonly beganMs: number;
  /** When the kernel had all of it (RELP: when all of it was acked). */
  readonly endedMs: number;
  /** User and system of the sender, microseconds. */
  readonly cpuMicros: number;
}

/** About 60 kB: whole reads for the receiver, and 50 connections all get their share. */
const pieceLines = 100;

const settings = JSON.parse(process.argv[2]!) as SenderSettings;
const { lines } = workload(settings.distinctLines, settings.seed, Date.now());
const send = await opened();

process.on('message', async (command: SenderCommand) => {
  const before = process.cpuUsage();
  const beganMs = Date.now();
  const sent = await send(command.send, command.paced);
  const { user, system } = process.cpuUsage(before);
  const report: SentReport = { ...sent, beganMs, endedMs: Date.now(), cpuMicros: user + system };
  process.send!(report);
});
process.on('disconnect', () => process.exit());
process.send!('ready');

async function opened(): Promise<(count: number, paced: boolean) => Promise<Sent>> {
  const { protocol, port, rate } = settings;
  if (protocol === 'udp') {
    if (rate === null) throw new Error('datagrams need a rate');
    const udp = new UdpSender(lines, port);
    await udp.open();
    // To what is not yet compiled, the whole rate would be a flood.
    return (count, paced) => udp.send(count, paced ? rate : rate / 2);
  }
  const perPiece = rate === null ? pieceLines : Math.ceil(rate / 1000);
  const connections = new SenderConnections({ ...settings, protocol, lines, pieceLines: perPiece });
  await connections.open();
  return (count, paced) => connections.send(count, paced ? rate : null);
}
