/** The result of a fault run, as a table for people. The same goes out as JSON. */
import type { BaselineReport } from './baseline-check.js';
import type { Totals } from './ledger.js';

export interface FaultReport {
  readonly seed: number;
  readonly seconds: number;
  readonly rounds: readonly { readonly name: string; readonly totals: Totals }[];
  readonly totals: Totals;
  readonly alerts: number;
  readonly repeats: number;
  readonly repeatsInResentChunks: number;
  /** As many repeats as the faults explain at most. */
  readonly repeatsExplained: number;
  readonly pieces: number;
  readonly connectionEnds: number;
  readonly starts: number;
  readonly kills: number;
  /** The program's own, of its clean ends. */
  readonly counters: Readonly<Record<string, number>>;
  readonly words: Readonly<Record<string, number>>;
  readonly baseline: BaselineReport;
  /** Faults that this machine cannot bring about, and why. */
  readonly skipped: readonly string[];
  /** What must not be; empty if all is well. */
  readonly unexplained: readonly string[];
}

const columns: readonly (readonly [string, keyof Totals])[] = [
  ['sent', 'sent'],
  ['taken in', 'takenIn'],
  ['delivered', 'delivered'],
  ['twice', 'deliveredTwice'],
  ['LOST', 'lost'],
  ['set aside', 'setAside'],
  ['damaged', 'damaged'],
  ['maybe +', 'maybeDelivered'],
  ['maybe -', 'maybeNot'],
];

/** Nothing was lost and nothing is unexplained. */
export function isFine({ totals, unexplained }: FaultReport): boolean {
  return totals.lost === 0 && unexplained.length === 0;
}

export function table(report: FaultReport): string {
  const rows = [
    ['round', ...columns.map(([title]) => title)],
    ...report.rounds.map(({ name, totals }) => row(name, totals)),
    row('all', report.totals),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((cells) => cells[i]!.length)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  '),
  );
  const { baseline } = report;
  const equal = baseline.differences.length === 0 ? 'equal to' : 'DIFFERENT from';
  return [
    ...lines,
    '',
    `seed ${report.seed}, ${report.seconds} s; ${report.starts} starts, ${report.kills} kills; ` +
      `${report.alerts} alerts; ${report.totals.udp} by UDP`,
    `${report.repeats} repeats (${report.repeatsInResentChunks} in chunks sent again), explained: ` +
      `up to ${report.repeatsExplained}; ${report.pieces} pieces, ${report.connectionEnds} connections ended`,
    `baseline: ${equal} the ledger's: ${baseline.observations} observations, ${baseline.hosts} hosts ` +
      `in ${baseline.hours} hours; there or not: ${baseline.uncertain}`,
    ...report.skipped.map((reason) => `left out: ${reason}`),
    ...report.unexplained.map((text) => `UNEXPLAINED: ${text}`),
    isFine(report) ? 'nothing lost, nothing unexplained' : 'FAILED',
  ].join('\n');
}

function row(name: string, totals: Totals): string[] {
  return [name, ...columns.map(([, key]) => String(totals[key]))];
}
