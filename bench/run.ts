/**
 * `npm run bench`: what an event costs in the real process, beside a bare loop of the same parse, in turn,
 * in one run. The ratios are the result; absolute figures are for orientation. Real processes on loopback;
 * sender and sink are processes of their own and are not counted. docs/performance.md tells what each
 * figure means; `--help` tells the options. Bounded by --events times --runs times variants.
 *
 * Budget (design): the bare loop is the floor for this language; with judging, spool on disk and acks at
 * most 1.4 times of it, without spool and acks 1.15 times.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArguments, UsageError, usage } from './measure/arguments.js';
import { Bench } from './measure/bench.js';
import { withGenerated } from './measure/document.js';
import { measureFlatness } from './measure/flatness.js';
import { factsOf } from './measure/machine.js';
import { markdownReport, type Results, textReport } from './measure/report.js';
import { measureVariants } from './measure/rounds.js';
import { soakUdp } from './measure/udp-soak.js';
import { comparePeers, requirePeers } from './peers/compare.js';
import { PeerMissing } from './peers/peer.js';

/** After sysexits.h. */
const exitCodes = { usage: 64, peerMissing: 69, failed: 1, interrupted: 130 };

process.exit(await main());

async function main(): Promise<number> {
  try {
    const options = parseArguments(process.argv.slice(2), process.env);
    if (options === 'help') {
      console.log(usage);
      return 0;
    }
    const bench = new Bench(options, (text) => console.error(text));
    process.on('exit', () => bench.end());
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => process.exit(exitCodes.interrupted));
    }
    requirePeers(bench);
    // Before it takes an hour.
    const written = options.write === null ? '' : readFileSync(options.write, 'utf8');
    if (options.write !== null) withGenerated(written, '');
    const facts = factsOf(options, Date.now());
    const results = await Promise.race([measured(bench), bench.children.death]);
    const markdown = markdownReport(facts, results);
    console.log(options.markdown ? markdown : textReport(facts, results));
    if (options.write !== null) writeFileSync(options.write, withGenerated(written, markdown));
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    if (error instanceof UsageError) console.error(`\n${usage}`);
    return exitCodeOf(error);
  }
}

async function measured(bench: Bench): Promise<Results> {
  const { options } = bench;
  return {
    variants: await measureVariants(bench, options.variants),
    flatness: options.flat ? await measureFlatness(bench) : null,
    udpSoak: options.udpSoak && (await soakUdp(bench, options.udpSoak)),
    peers: options.peers.length > 0 ? await comparePeers(bench) : null,
  };
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof PeerMissing) return exitCodes.peerMissing;
  return exitCodes.failed;
}
