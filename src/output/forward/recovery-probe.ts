/**
 * While a standby is used: tries whether a preferred server is back, by a whole connection, TLS and
 * login included, which is then the one that is gone on with. One attempt at a time.
 */
import type { ForwardConnection } from './forward-connection.js';

/** A connection that chunks may be sent on. */
export interface OpenConnection {
  readonly connection: ForwardConnection;
  /** Index of its server in the list. */
  readonly server: number;
  /** By a clock that only goes forward. */
  readonly openedAtMs: number;
}

export class RecoveryProbe {
  readonly #connect: (server: number) => Promise<OpenConnection | null>;
  readonly #due: () => readonly number[];
  readonly #waitMs: number;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  /**
   * @param options.due servers to be tried now, the best first
   * @param options.connect null if that failed
   * @param options.waitMs before the first attempt, and between rounds of attempts
   */
  constructor(options: {
    due: () => readonly number[];
    connect: (server: number) => Promise<OpenConnection | null>;
    waitMs: number;
  }) {
    this.#connect = options.connect;
    this.#due = options.due;
    this.#waitMs = options.waitMs;
  }

  /** Resolves with the first connection that could be made, and not at all once it is stopped. */
  success(): Promise<OpenConnection> {
    return new Promise((resolve) => this.#schedule(resolve));
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #schedule(found: (open: OpenConnection) => void): void {
    this.#timer = setTimeout(async () => {
      const open = await this.#round();
      if (open === null) {
        if (!this.#stopped) this.#schedule(found);
      } else if (this.#stopped) open.connection.close();
      else found(open);
    }, this.#waitMs);
  }

  async #round(): Promise<OpenConnection | null> {
    for (const server of this.#due()) {
      if (this.#stopped) return null;
      const open = await this.#connect(server);
      if (open !== null) return open;
    }
    return null;
  }
}
