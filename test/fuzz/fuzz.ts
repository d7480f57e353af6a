/** Runs fuzz targets: one input after the other, each told by seed, target and number. */
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { mutated, type Random } from '../support/mutate.js';
import { randomFrom } from '../support/traffic.js';
import type { FuzzTarget } from './target.js';
import { targets } from './targets.js';

export interface FuzzOptions {
  readonly seed: number;
  /** Folders of the targets are made here. */
  readonly folder: string;
  /** Names of targets; default all. */
  readonly only?: readonly string[];
  /** Minutes in all, shared evenly; 0: as many inputs as each target names. */
  readonly minutes: number;
  /** This input alone. */
  readonly at?: number;
  /** Called before each input, with target and number. */
  readonly progress?: (target: string, number: number) => void;
}

export interface FuzzResult {
  readonly target: string;
  readonly inputs: number;
  /** The first failure of the target, with how to repeat it; null if there was none. */
  readonly failure: string | null;
}

/** Bytes outside the heap that one input may add: the longest input and its copies are far below. */
const maxExternalGrowth = 64 * 1024 * 1024;
/** CPU time that one input may take, all of this process. */
const maxCpuMs = 5000;
const msPerMinute = 60_000;

export async function fuzz(options: FuzzOptions): Promise<FuzzResult[]> {
  const names = options.only ?? Object.keys(targets);
  const results: FuzzResult[] = [];
  for (const name of names) {
    const folder = join(options.folder, name);
    await mkdir(folder, { recursive: true });
    const make = targets[name];
    if (make === undefined) throw new Error(`no target ${name}; there are ${Object.keys(targets)}`);
    results.push(await fuzzOne(await make(folder), options, options.minutes / names.length));
  }
  return results;
}

async function fuzzOne(
  target: FuzzTarget,
  { seed, at, folder, progress }: FuzzOptions,
  minutes: number,
): Promise<FuzzResult> {
  const endMs = performance.now() + minutes * msPerMinute;
  const first = at ?? 0;
  let number = first;
  for (; isWanted(number); number++) {
    progress?.(target.name, number);
    const random = randomFrom(seedOf(seed, target.name, number));
    const input = mutated(random, target);
    if (target.repair !== undefined && random() < 0.5) target.repair(input);
    const failure = await failureOf(target, input, random);
    if (failure !== null) {
      const file = join(folder, `${target.name}-${seed}-${number}.input`);
      writeFileSync(file, input);
      const again = `npm run fuzz -- --seed ${seed} --only ${target.name} --at ${number}`;
      const words = `${failure}\n  repeat: ${again}\n  input of ${input.length} bytes: ${file}`;
      return { target: target.name, inputs: number - first + 1, failure: words };
    }
    if (number % 64 === 0) await nextTurn();
  }
  return { target: target.name, inputs: number - first, failure: null };

  function isWanted(next: number): boolean {
    if (at !== undefined) return next === at;
    return minutes > 0 ? performance.now() < endMs : next < target.inputs;
  }
}

/** What went wrong, in words; null if nothing did. */
async function failureOf(
  target: FuzzTarget,
  input: Buffer,
  random: Random,
): Promise<string | null> {
  const cpu = process.cpuUsage();
  const { external } = process.memoryUsage();
  try {
    await target.check(input, random);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const grown = process.memoryUsage().external - external;
  if (grown > maxExternalGrowth) return `it made ${grown} bytes of buffers`;
  const { user, system } = process.cpuUsage(cpu);
  const ms = (user + system) / 1000;
  return ms > maxCpuMs ? `it took ${ms} ms` : null;
}

/** FNV-1a over all three, so that targets and numbers do not share their random numbers. */
function seedOf(seed: number, name: string, number: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (const char of `${name} ${number}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}
