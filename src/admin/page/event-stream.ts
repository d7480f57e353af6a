/**
 * Server-sent events (HTML, "Server-sent events"): a snapshot at once, every two seconds, and when an alert comes.
 * One timer for all readers; one that does not read is let go of, nothing is kept for it.
 */
import type { ServerResponse } from 'node:http';
import { failure, type Reply } from '../reply.js';
import type { RecentAlerts } from './recent-alerts.js';
import type { Snapshot } from './snapshot.js';

const everyMs = 2000;
/** Alerts that come in a rush share an event. */
const gatherMs = 100;
const maxReaders = 16;
/** What a reader may be behind. */
const maxBufferedBytes = 1024 * 1024;

export class EventStream {
  readonly #make: (seen: number) => Snapshot;
  readonly #alerts: RecentAlerts;
  /** With the newest alert that each has been sent. */
  readonly #readers = new Map<ServerResponse, number>();
  #timer: NodeJS.Timeout | null = null;
  #soon: NodeJS.Timeout | null = null;

  constructor(alerts: RecentAlerts, make: (seen: number) => Snapshot) {
    this.#make = make;
    this.#alerts = alerts;
    alerts.onAlert = () => {
      if (this.#readers.size === 0) return;
      this.#soon ??= setTimeout(() => {
        this.#soon = null;
        this.#sendAll();
      }, gatherMs);
    };
  }

  answer(): Reply {
    if (this.#readers.size >= maxReaders) {
      return failure(503, `There are ${maxReaders} readers already.`);
    }
    return {
      status: 200,
      type: 'text/event-stream; charset=utf-8',
      body: (response) => {
        this.#readers.set(response, 0);
        response.on('close', () => this.#forget(response));
        this.#send(response, 0);
        this.#timer ??= setInterval(() => this.#sendAll(), everyMs);
      },
    };
  }

  stop(): void {
    for (const reader of this.#readers.keys()) {
      reader.end();
      this.#forget(reader);
    }
  }

  #sendAll(): void {
    for (const [reader, seen] of this.#readers) this.#send(reader, seen);
  }

  #send(reader: ServerResponse, seen: number): void {
    if (reader.writableLength > maxBufferedBytes) {
      reader.destroy();
      return;
    }
    this.#readers.set(reader, this.#alerts.count);
    reader.write(`data: ${JSON.stringify(this.#make(seen))}\n\n`);
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
