/**
 * Acks by group: one flush covers every message that was received before it, of all connections of the
 * input, and while it is under way the next group gathers. So the number of fsyncs depends on how long one
 * takes, not on the number of messages or senders, and no promise is made for a message.
 *
 *     idle --received--> due (the turn ends) --> flushing --> idle, or due again if more was received
 */
import type { Counters } from '../../observe/counters.js';
import type { Durability } from '../../stages.js';

/** A connection that waits for acks. */
export interface Acked {
  /** A flush begins: what has been received by now is covered by it. False: nothing waits, it is gone. */
  covered(): boolean;
  /** The flush has ended. @param stored false: what was covered must not be acked */
  settled(stored: boolean): void;
}

export class AckGroup {
  readonly #durability: Durability;
  readonly #counters: Counters;
  readonly #next = new Set<Acked>();
  #busy = false;

  constructor(durability: Durability, counters: Counters) {
    this.#durability = durability;
    this.#counters = counters;
  }

  /** It has received messages since it was last covered. */
  received(connection: Acked): void {
    this.#next.add(connection);
    if (this.#busy) return;
    this.#busy = true;
    // What other connections have sent is read in the same turn, and belongs to the same group.
    setImmediate(() => void this.#rounds());
  }

  async #rounds(): Promise<void> {
    while (this.#next.size > 0) {
      const group = [...this.#next].filter((connection) => connection.covered());
      this.#next.clear();
      if (group.length === 0) break;
      const stored = await this.#stored();
      if (!stored) this.#counters.relp_flush_failures++;
      for (const connection of group) connection.settled(stored);
    }
    this.#busy = false;
  }

  /** A flush that throws has stored nothing that we know of. */
  async #stored(): Promise<boolean> {
    try {
      return await this.#durability.flush();
    } catch {
      return false;
    }
  }
}
