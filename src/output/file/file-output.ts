/**
 * Writes what its spool holds to a file, a line of JSON each. What counts as delivered is on disk: it is forced there
 * once a second, or when much has come, and let go of only then.
 */
import { performance } from 'node:perf_hooks';
import type { FileConfig } from '../../config/config.js';
import { wordsOf } from '../../errors.js';
import type { OutputCounters } from '../../observe/counters.js';
import type { Logger } from '../../observe/log.js';
import type { Output, Spool, StoredBatch } from '../../stages.js';
import { backoffMs } from '../backoff.js';
import { DeliveryLog, toFile } from '../delivery-log.js';
import { Waits } from '../waits.js';
import { LogFile } from './log-file.js';

const defaults = {
  forceMs: 1000,
  /** Written and not forced; a spool gives twice as much to read before something is acked. */
  forceBytes: 8 * 1024 * 1024,
  retryFirstMs: 500,
  retryMaxMs: 30_000,
};

const hint =
  'forward.file.path must be on a disk with free space, and writable by stegwatch; nothing is lost, it waits';
const now = (): number => performance.now();

export class FileOutput implements Output {
  readonly name: string;
  readonly #path: string;
  readonly #spool: Spool;
  readonly #counters: OutputCounters;
  readonly #settings: typeof defaults;
  readonly #log: DeliveryLog;
  readonly #file: LogFile;
  readonly #waits = new Waits();
  /** Written, and not known to be on disk. */
  #pending: { seq: number; events: number; batches: number; bytes: number } = nothing();
  #forceTimer: NodeJS.Timeout | null = null;
  #forceDue = false;
  #failures = 0;
  #running: Promise<void> | null = null;
  #stopping = false;
  #stopped = false;

  constructor(options: {
    config: FileConfig;
    spool: Spool;
    counters: OutputCounters;
    log: Logger;
    settings?: Partial<typeof defaults>;
  }) {
    const { path, maxBytes, maxFiles } = options.config;
    this.#path = path;
    this.#spool = options.spool;
    this.#counters = options.counters;
    this.#settings = { ...defaults, ...options.settings };
    this.#log = new DeliveryLog(options.log, now, toFile);
    this.#file = new LogFile({ path, maxBytes, maxFiles });
    this.name = `file ${path}`;
  }

  get connected(): boolean {
    return this.#file.isOpen;
  }

  get trouble(): string | null {
    return this.#log.trouble;
  }

  start(): void {
    this.#spool.onReadable = () => this.#waits.wakeForWork();
    this.#running = this.#run();
  }

  /** @param deadlineMs from now; a disk that does not answer is not waited for longer */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    this.#waits.wake();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.race([this.#running ?? Promise.resolve(), late]);
    clearTimeout(timer);
    this.#stopped = true;
    this.#spool.onReadable = () => {};
    this.#waits.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#file.open();
        this.#counters.connects++;
        this.#log.connected(this.#path);
        await this.#deliver();
        break;
      } catch (error) {
        if (this.#stopping) break;
        await this.#failed(error);
      }
    }
    if (this.#forceTimer !== null) clearTimeout(this.#forceTimer);
    await this.#file.close();
  }

  /** Until it is to stop and all is written, or something fails. */
  async #deliver(): Promise<void> {
    for (let seq = this.#spool.ackedSeq; !this.#stopped; ) {
      const batch = this.#spool.after(seq);
      if (batch !== null) {
        await this.#write(batch);
        seq = batch.seq;
      }
      const { bytes, batches } = this.#pending;
      const allWritten = batch === null && this.#stopping && seq === this.#spool.lastSeq;
      if (bytes >= this.#settings.forceBytes || this.#forceDue || allWritten) await this.#force();
      if (allWritten) return;
      if (batch === null && !this.#forceDue) {
        if (batches > 0) this.#forceSoon();
        await this.#waits.sleepForWork();
      }
    }
  }

  async #write({ seq, entries, eventCount, alertCount }: StoredBatch): Promise<void> {
    if (entries.length > 0) await this.#file.write(entries);
    this.#counters.chunks_sent++;
    this.#pending.seq = seq;
    this.#pending.events += eventCount + alertCount;
    this.#pending.bytes += entries.length;
    this.#pending.batches++;
    this.#forceSoon();
  }

  #forceSoon(): void {
    this.#forceTimer ??= setTimeout(() => {
      this.#forceTimer = null;
      this.#forceDue = true;
      this.#waits.wakeForWork();
    }, this.#settings.forceMs);
  }

  async #force(): Promise<void> {
    this.#forceDue = false;
    const done = this.#pending;
    if (done.batches === 0) return;
    await this.#file.force();
    this.#pending = nothing();
    this.#failures = 0;
    this.#counters.chunks_acked += done.batches;
    this.#counters.events_acked += done.events;
    this.#log.delivered(this.#path);
    this.#spool.ack(done.seq);
    if (await this.#file.isMoved()) {
      await this.#file.close();
      await this.#file.open();
    }
  }

  /** What was written and not forced is written again. */
  async #failed(error: unknown): Promise<void> {
    this.#pending = nothing();
    this.#forceDue = false;
    await this.#file.close();
    this.#counters.connect_failures++;
    this.#failures++;
    const { retryFirstMs, retryMaxMs } = this.#settings;
    const bounds = { firstMs: retryFirstMs, maxMs: retryMaxMs };
    const retryInMs = Math.round(backoffMs(this.#failures, bounds, Math.random));
    this.#log.failed(
      { kind: 'deliver', error: wordsOf(error), hint },
      {
        ...{ server: this.#path, next: this.#path, retryInMs },
        ...{ spoolBytes: this.#spool.bytes, unackedChunks: 0 },
      },
    );
    await this.#waits.sleep(retryInMs);
  }
}

function nothing() {
  return { seq: 0, events: 0, batches: 0, bytes: 0 };
}
