/** Datagrams at a rate for a while, and an account of every one of them. */
import type { Bench } from './bench.js';
import { type Figures, measure } from './measure.js';
import { stegwatch } from './subjects.js';
import { plain, type Variant } from './variants.js';

/** Warm-up and counted datagrams together: the product's counters know no difference. */
export interface UdpAccount {
  readonly sent: number;
  /** At the sink. */
  readonly arrived: number;
  /** By the product's last words. */
  readonly receivedFrames: number;
  readonly kernelDrops: number;
  readonly droppedFull: number;
  /** Sent, and neither received nor counted as dropped. */
  readonly unexplained: number;
}

export interface UdpSoakResult {
  readonly wantedRate: number;
  readonly sentRate: number;
  readonly seconds: number;
  readonly maxBurst: number;
  readonly account: UdpAccount;
  readonly figures: Figures;
  /** What the product warned of. */
  readonly warnings: readonly string[];
}

const warn = 40;

export async function soakUdp(
  bench: Bench,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<UdpSoakResult> {
  bench.say(`UDP: ${rate} messages/s for ${seconds} s`);
  const variant: Variant = { ...plain, name: 'UDP soak', protocol: 'udp', rate };
  const figures = await measure(bench, stegwatch(bench, variant, rate * seconds));
  const { sent } = figures;
  const sentSeconds = (sent.endedMs - sent.beganMs) / 1000;
  return {
    wantedRate: rate,
    sentRate: sent.sent / sentSeconds,
    seconds: sentSeconds,
    maxBurst: sent.maxBurst,
    account: accountOf(figures),
    figures,
    warnings: linesOf(figures.output)
      .filter(({ level }) => typeof level === 'number' && level >= warn)
      .map(({ msg }) => String(msg)),
  };
}

/** @param figures of a run over UDP, the product's last words in its output */
export function accountOf(
  figures: Pick<Figures, 'sentInAll' | 'arrivedInAll' | 'output'>,
): UdpAccount {
  const stopped = linesOf(figures.output).find(({ msg }) => msg === 'stopped');
  if (!stopped) throw new Error(`the product did not say "stopped":\n${figures.output}`);
  const count = (name: string): number => Number(stopped[name] ?? 0);
  const receivedFrames = count('received_frames');
  const kernelDrops = count('udp_kernel_drops');
  const droppedFull = count('udp_dropped_full');
  return {
    sent: figures.sentInAll,
    arrived: figures.arrivedInAll,
    receivedFrames,
    kernelDrops,
    droppedFull,
    unexplained: figures.sentInAll - receivedFrames - kernelDrops - droppedFull,
  };
}

function linesOf(output: string): readonly Record<string, unknown>[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line));
}
