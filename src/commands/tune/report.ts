/** Judges old logs under every setting that is compared, and puts together all that there is to show. */
import type { Config } from '../../config/config.js';
import { warmUp } from '../../detect/warm-up.js';
import { judgeabilityWarnings } from '../../feeds/judgeability.js';
import type { Direction } from '../../verdict.js';
import type { JpegEvents, LineCounts } from '../logs/jpeg-events.js';
import type { EventDetails } from './details.js';
import { type Figures, figuresOf, heldByAlone, type TopHost, topHosts } from './figures.js';
import { countSizes, type Mark, type SizeCounts } from './histogram.js';
import { type Outcome, Runs } from './runs.js';
import { type Block, blocksOf, runningSetting } from './settings.js';

const msPerDay = 86_400_000;

export interface ReportRow extends Figures {
  readonly value: string;
  readonly running: boolean;
  /** Would-be alerts that only the exclusion of this row holds back; null in other rows. */
  readonly heldByAlone: number | null;
}

export interface ReportBlock {
  readonly key: Block['key'];
  readonly rows: readonly ReportRow[];
}

export interface ReportSizes {
  readonly direction: Direction;
  readonly counts: SizeCounts;
  readonly marks: readonly Mark[];
}

export interface Report {
  readonly counts: LineCounts;
  /** Times of the first and the last JPEG event, epoch ms; null if there is none. */
  readonly span: { readonly fromMs: number; readonly toMs: number } | null;
  /** UTC days with a JPEG event. */
  readonly days: number;
  readonly running: Figures;
  /** What the last event was judged by, or why it could not be; null if there is none. */
  readonly warmUp: string | null;
  readonly blocks: readonly ReportBlock[];
  readonly topHosts: readonly TopHost[];
  readonly sizes: readonly ReportSizes[];
  /** Feeds that cannot be judged. */
  readonly warnings: readonly string[];
}

export interface MakeReportOptions {
  readonly config: Config;
  /** Read without exclusions. */
  readonly events: JpegEvents;
  readonly details: EventDetails;
  /** Called before each setting is judged. */
  readonly onProgress: (done: number, total: number) => void;
}

export async function makeReport(options: MakeReportOptions): Promise<Report> {
  const { config, events, details, onProgress } = options;
  const { detection, exclusions } = config;
  const blocks = blocksOf(detection, exclusions);
  const total = blocks.reduce((sum, { variants }) => sum + variants.length, 1);
  let done = 0;
  const turn = async () => {
    onProgress(done++, total);
    // Lets the bar be drawn.
    await new Promise(setImmediate);
  };

  await turn();
  const columns = { events, details };
  const runs = new Runs(events, details, exclusions, runningSetting(detection));
  const running = runs.outcome(runningSetting(detection));
  const marks = events.sides.map((): Mark[] => [
    { bytes: detection.minimumBytes, words: 'minimum_bytes' },
  ]);
  const judged: ReportBlock[] = [];
  for (const { key, variants } of blocks) {
    const rows: ReportRow[] = [];
    for (const { value, running: isRunning, exclusion, ...setting } of variants) {
      await turn();
      const outcome = runs.outcome(setting);
      if (key === 'percentile') addMarks(marks, outcome, value);
      rows.push({
        value,
        running: isRunning,
        heldByAlone: exclusion === null ? null : heldByAlone(running, exclusion, details),
        ...figuresOf(outcome, setting.detection, columns),
      });
    }
    judged.push({ key, rows });
  }
  const [lastThreshold] = running.thresholds;
  return {
    counts: events.counts,
    ...timeOf(events),
    running: figuresOf(running, detection, columns),
    warmUp: lastThreshold === undefined ? null : warmUp(lastThreshold, detection).text,
    blocks: judged,
    topHosts: topHosts(running, detection, columns),
    sizes: events.sides.map(({ direction, bytes }, at) => ({
      direction,
      counts: countSizes(bytes),
      marks: marks[at]!,
    })),
    warnings: judgeabilityWarnings(events.feeds.seen(), detection),
  };
}

/** The threshold that a percentile gives at the last event, for each side. */
function addMarks(marks: readonly Mark[][], { thresholds }: Outcome, percentile: string): void {
  for (const [at, { bytes }] of thresholds.entries()) {
    if (bytes !== null) marks[at]!.push({ bytes, words: `p${percentile}` });
  }
}

function timeOf({ timesMs, order }: JpegEvents): Pick<Report, 'span' | 'days'> {
  if (order.length === 0) return { span: null, days: 0 };
  let days = 0;
  let lastDay = Number.NaN;
  for (const index of order) {
    const day = Math.floor(timesMs[index]! / msPerDay);
    if (day !== lastDay) days++;
    lastDay = day;
  }
  return { span: { fromMs: timesMs[order[0]!]!, toMs: timesMs[order.at(-1)!]! }, days };
}
