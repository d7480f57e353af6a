/**
 * The hosts of one open bucket that its file does not hold yet, and, while the hour lasts, all of
 * them, so that each goes into the file once. Sharded sets: one set of a million names stands still
 * for tens of milliseconds when it grows.
 */
import { ownCopy, shardOf } from './host-text.js';

const shards = 256;
/** UTF-16 units of all names of one hour; keeps a bucket's file within what can be read in one go. */
const maxUnits = 256 * 1024 * 1024;

export class HourHosts {
  readonly #maxHosts: number;
  #sets: (Set<string> | undefined)[] = [];
  #unsaved: string[] = [];
  #count: number;
  #units = 0;

  /** @param alreadyStored hosts of this hour that its file holds; they count against the limit */
  constructor(maxHosts: number, alreadyStored: number) {
    this.#maxHosts = maxHosts;
    this.#count = alreadyStored;
  }

  /** False if the hour holds as many hosts as it may and this is one more. */
  add(host: string): boolean {
    const index = shardOf(host, shards);
    const set = this.#sets[index];
    if (set?.has(host)) return true;
    if (this.#count >= this.#maxHosts || this.#units + host.length > maxUnits) return false;
    const own = ownCopy(host);
    if (set === undefined) this.#sets[index] = new Set([own]);
    else set.add(own);
    this.#unsaved.push(own);
    this.#count++;
    this.#units += own.length;
    return true;
  }

  /** Hands over what has to be written. Give it back with `putBack` if that fails. */
  takeUnsaved(): string[] {
    const unsaved = this.#unsaved;
    this.#unsaved = [];
    return unsaved;
  }

  putBack(hosts: string[]): void {
    this.#unsaved = hosts.concat(this.#unsaved);
  }

  /**
   * The hour is over and in its file: lets go of the names. One that still comes late is then written
   * a second time, which the reader of the file does not mind.
   */
  release(): void {
    this.#sets = [];
  }
}
