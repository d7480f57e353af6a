/**
 * Server-sent events (HTML, "Server-sent events"): a snapshot at once, every two seconds, and when an alert comes.
 * One timer for all readers. One that has not taken the last event yet is passed over, so nothing piles up for it,
 * and is let go of if that goes on.
 */
import type { ServerResponse } from 'node:http';
import { failure, type Reply } from '../reply.js';
import type { RecentAlerts } from './recent-alerts.js';
import type { Snapshot } from './snapshot.js';

const everyMs = 2000;
/** Alerts that come in a rush share an event. */
const gatherMs = 200;
/** A quarter of the connections of the listener. */
const maxReaders = 16;
/** A minute over a slow line, for what may be a megabyte. */
const maxPassedOver = 30;

interface Reader {
  /** Number of the newest alert that it has been sent. */
  seen: number;
  /** Ticks in a row for which it was passed over. */
  passedOver: number;
}

export class EventStream {
  readonly #make: (seen: number) => Snapshot;
  readonly #alerts: RecentAlerts;
  readonly #readers = new Map<ServerResponse, Reader>();
  #timer: NodeJS.Timeout | null = null;
  #soon: NodeJS.Timeout | null = null;

  readonly #onFailure: (err: unknown) => void;

  /**
   * @param make the snapshot with what came after the alert of this number
   * @param onFailure told if that throws: the readers are let go of, the process goes on
   */
  constructor(
    alerts: RecentAlerts,
    make: (seen: number) => Snapshot,
    onFailure: (err: unknown) => void,
  ) {
    this.#make = make;
    this.#alerts = alerts;
    this.#onFailure = onFailure;
    alerts.onAlert = () => {
      if (this.#readers.size === 0) return;
      this.#soon ??= setTimeout(() => {
        this.#soon = null;
        this.#sendAll();
      }, gatherMs);
    };
  }

  get readers(): number {
    return this.#readers.size;
  }

  answer(): Reply {
    if (this.#readers.size >= maxReaders) {
      return failure(503, `There are ${maxReaders} readers already.`);
    }
    // What fails here is answered with 500.
    const first = this.#event(0);
    const seen = this.#alerts.count;
    return {
      status: 200,
      type: 'text/event-stream; charset=utf-8',
      body: (response) => {
        this.#readers.set(response, { seen, passedOver: 0 });
        // A response that waits behind another one on its connection never closes: its request's socket does.
        for (const end of [response, response.req.socket]) {
          end.once('close', () => this.#forget(response));
        }
        response.write(first);
        this.#timer ??= setInterval(() => this.tick(), everyMs);
      },
    };
  }

  stop(): void {
    for (const reader of this.#readers.keys()) {
      reader.end();
      this.#forget(reader);
    }
  }

  /** Called by the timer. */
  tick(): void {
    for (const [response, reader] of this.#readers) {
      if (response.writableLength === 0) reader.passedOver = 0;
      else if (++reader.passedOver > maxPassedOver) this.#drop(response);
    }
    this.#sendAll();
  }

  #sendAll(): void {
    try {
      this.#send();
    } catch (err) {
      this.#onFailure(err);
      for (const response of this.#readers.keys()) this.#drop(response);
    }
  }

  #send(): void {
    // Nearly always all have seen the same.
    const events = new Map<number, string>();
    for (const [response, reader] of this.#readers) {
      if (response.writableLength > 0) continue;
      const event = events.get(reader.seen) ?? this.#event(reader.seen);
      events.set(reader.seen, event);
      reader.seen = this.#alerts.count;
      response.write(event);
    }
  }

  #event(seen: number): string {
    return `data: ${JSON.stringify(this.#make(seen))}\n\n`;
  }

  #drop(reader: ServerResponse): void {
    reader.destroy();
    this.#forget(reader);
  }

  #forget(reader: ServerResponse): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#soon !== null) clearTimeout(this.#soon);
    this.#timer = null;
    this.#soon = null;
  }
}
