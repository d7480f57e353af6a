/**
 * The baseline that the program has saved beside the one that the ledger says it must have: per hour, how
 * many observations, and which hosts. Every event that was delivered and is a JPEG was learned, once.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeHosts, readBucketFile } from '../../src/baseline/bucket-file.js';
import { expectedOf, hourOfEvent, type RunIdentity } from './events.js';
import type { Ledger } from './ledger.js';

export interface BaselineReport {
  readonly hours: number;
  readonly observations: number;
  readonly hosts: number;
  /** Of events in damaged bytes, or delivered while the disk took nothing in and then killed: there or not. */
  readonly uncertain: number;
  /** Sentences; none if it is equal. */
  readonly differences: readonly string[];
}

interface Hour {
  observations: number;
  readonly hosts: Set<string>;
  /** May be there or not. */
  uncertain: number;
  readonly uncertainHosts: Set<string>;
}

export async function checkBaseline(
  run: RunIdentity,
  ledger: Ledger,
  path: string,
): Promise<BaselineReport> {
  const expected = expectedHours(run, ledger);
  const oldest = Math.min(...expected.keys());
  const saved = await savedHours(path, oldest);
  const differences: string[] = [];
  for (const hour of new Set([...expected.keys(), ...saved.keys()])) {
    differences.push(...compare(hour, expected.get(hour) ?? empty(), saved.get(hour) ?? empty()));
  }
  const sum = (of: (hour: Hour) => number): number =>
    [...expected.values()].reduce((total, hour) => total + of(hour), 0);
  return {
    hours: expected.size,
    observations: sum(({ observations }) => observations),
    hosts: new Set([...expected.values()].flatMap(({ hosts }) => [...hosts])).size,
    uncertain: sum(({ uncertain }) => uncertain),
    differences,
  };
}

function expectedHours(run: RunIdentity, ledger: Ledger): Map<number, Hour> {
  const hours = new Map<number, Hour>();
  for (let number = 0; number < ledger.end; number++) {
    const damaged = ledger.isDamaged(number);
    const learned = ledger.isDelivered(number) || ledger.isSetAside(number);
    if (!learned && !damaged) continue;
    const event = expectedOf(run, number);
    if (event.kind === 'plain') continue;
    const at = hourOfEvent(event);
    const hour = hours.get(at) ?? empty();
    hours.set(at, hour);
    if (ledger.isUnsureLearned(number)) {
      hour.uncertain++;
      hour.uncertainHosts.add(event.host);
    } else {
      hour.observations++;
      hour.hosts.add(event.host);
    }
  }
  return hours;
}

async function savedHours(path: string, oldest: number): Promise<Map<number, Hour>> {
  const hours = new Map<number, Hour>();
  const folder = join(path, 'download');
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.bucket')) continue;
    const content = await readBucketFile(readFileSync(join(folder, name)));
    if (content.kind !== 'bucket') throw new Error(`${name}: ${content.kind}`);
    if (content.identity.hour < oldest) continue;
    const hour = empty();
    hour.observations = content.state?.observations ?? 0;
    for (const block of content.hosts) await decodeHosts(block, (host) => hour.hosts.add(host));
    hours.set(content.identity.hour, hour);
  }
  return hours;
}

function compare(at: number, expected: Hour, saved: Hour): string[] {
  const name = new Date(at * 3_600_000).toISOString().slice(0, 13);
  const differences: string[] = [];
  const surplus = saved.observations - expected.observations;
  if (surplus < 0 || surplus > expected.uncertain) {
    const range = expected.uncertain > 0 ? ` to ${expected.observations + expected.uncertain}` : '';
    differences.push(
      `${name}: ${saved.observations} observations, ${expected.observations}${range} expected`,
    );
  }
  const missing = [...expected.hosts].filter((host) => !saved.hosts.has(host));
  const more = [...saved.hosts].filter(
    (host) => !expected.hosts.has(host) && !expected.uncertainHosts.has(host),
  );
  if (missing.length > 0) differences.push(`${name}: hosts missing: ${some(missing)}`);
  if (more.length > 0) differences.push(`${name}: hosts too many: ${some(more)}`);
  return differences;
}

function some(hosts: readonly string[]): string {
  const more = hosts.length > 5 ? `, and ${hosts.length - 5} more` : '';
  return hosts.slice(0, 5).join(', ') + more;
}

function empty(): Hour {
  return { observations: 0, hosts: new Set(), uncertain: 0, uncertainHosts: new Set() };
}
