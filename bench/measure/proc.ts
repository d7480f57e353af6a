/** What Linux says of a process, for any program alike (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

/** `USER_HZ`, which is 100 on every architecture that Node.js runs on. */
const ticksPerSecond = 100;

export interface ProcessStat {
  readonly parentPid: number;
  /** Of all its threads, and of children that have ended and were waited for; seconds. */
  readonly userSeconds: number;
  readonly systemSeconds: number;
}

export interface CpuSeconds {
  readonly user: number;
  readonly system: number;
}

/** @param text of /proc/PID/stat; the name of the program may hold blanks and parentheses */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (from: number): number => Number(fields[from]) + Number(fields[from + 2]);
  const stat = {
    parentPid: Number(fields[1]),
    userSeconds: ticks(11) / ticksPerSecond,
    systemSeconds: ticks(12) / ticksPerSecond,
  };
  if (!Object.values(stat).every(Number.isFinite)) throw new Error(`not a stat line: ${text}`);
  return stat;
}

/** @param text of /proc/PID/status. Returns the peak of the resident set, MiB; 0 if it is not told. */
export function parsePeakMiB(text: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
}

/** The process and all that come from it. */
export function treeOf(root: number): ReadonlyMap<number, ProcessStat> {
  const all = new Map<number, ProcessStat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const text = readIfThere(`/proc/${name}/stat`);
    if (text !== null) all.set(Number(name), parseStat(text));
  }
  const tree = new Map<number, ProcessStat>();
  const found = [root];
  for (let pid = found.shift(); pid !== undefined; pid = found.shift()) {
    const stat = all.get(pid);
    if (!stat || tree.has(pid)) continue;
    tree.set(pid, stat);
    for (const [child, { parentPid }] of all) if (parentPid === pid) found.push(child);
  }
  return tree;
}

export function cpuOf(root: number): CpuSeconds {
  let user = 0;
  let system = 0;
  for (const stat of treeOf(root).values()) {
    user += stat.userSeconds;
    system += stat.systemSeconds;
  }
  return { user, system };
}

/** Sum over the tree. */
export function peakMiB(root: number): number {
  let sum = 0;
  for (const pid of treeOf(root).keys()) {
    sum += parsePeakMiB(readIfThere(`/proc/${pid}/status`) ?? '');
  }
  return sum;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null; // It has ended.
  }
}
