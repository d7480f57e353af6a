/**
 * The seams: one small interface for each place where two stages meet. Read this file first.
 *
 *     input -> framing -> decode -> detect -> encode -> batch -> spool -> output
 *
 * Data goes one way. Only three things travel back: "full / drained" (spool to inputs), "acked up to here"
 * (output to spool), and for inputs whose protocol acks messages, "stored" (spool to input). A stage may import this file, the data it names (`fields.ts`,
 * `verdict.ts`), the dictionary, the platform and types of the config; never another stage, but for
 * inputs, which own a framer for each connection.
 * `pipeline.ts` alone knows them all (held by test/architecture.test.ts).
 *
 * Words: a *frame* is one message's bytes; *fields* are its offsets; a *verdict* is what `detect`
 * says of it; a *record* is what is forwarded; an *observation* is what the baseline learns from
 * one JPEG event; a *batch* is the spool's unit of writing; a *chunk* is the output's unit of sending.
 */
import type { Feed } from './feed.js';
import type { Fields, Peer } from './fields.js';
import type { HostState, Verdict } from './verdict.js';

export type { HostState, Peer };

/** What framing hands each frame to. One object for the life of the process, called synchronously. */
export interface FrameSink {
  /**
   * @param bytes valid only during the call; the frame is `bytes[start, end)`, without its delimiter
   * @param originalLength bytes the sender sent; more than `end - start` if the frame was cut
   */
  frame(
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    receivedAtMs: number,
    peer: Peer,
  ): void;
}

/** Finds message bounds in one byte stream (one framer per connection). */
export interface Framer {
  /** Hands every frame that `chunk` completes to the sink, in order. Keeps no reference to `chunk`. */
  push(chunk: Buffer, receivedAtMs: number): void;
  /** The stream has ended: hands over an unterminated last frame. */
  end(receivedAtMs: number): void;
  /** True while part of a frame is held. */
  readonly pending: boolean;
}

/** A listener. `start` resolves when it listens and rejects with words if it cannot. */
export interface Input {
  /** For logs: `udp [::]:5514`. Known after `start`. */
  readonly name: string;
  /** The port it listens on (useful when configured as 0). Known after `start`. */
  readonly port: number;
  /** False before `start`, after `stop`, and if it has ended by itself. */
  readonly listening: boolean;
  /** Open ones, of a protocol that has connections. */
  readonly connections?: number;
  start(): Promise<void>;
  /** The spool is full: stop reading (TCP), or drop and count (UDP). Idempotent. */
  pause(): void;
  resume(): void;
  /** Reads certificates and keys anew, for connections to come; rejects, and goes on with the old, if they are bad. */
  reloadCertificates?(): Promise<void>;
  /** Stop listening, take what has already been read, close connections. */
  stop(): Promise<void>;
}

/** Notes offsets of syslog header and CEF fields of one frame in a reused table. Never throws. */
export type Decode = (
  bytes: Buffer,
  start: number,
  end: number,
  originalLength: number,
  receivedAtMs: number,
  peer: Peer,
  into: Fields,
) => void;

/** Tells feeds apart by the vendor and product of the CEF header, without making a string. */
export interface Feeds {
  /** Never null: what no profile names has one by default. Bounded: beyond it, feeds share one object. */
  of(fields: Fields): Feed;
  /** Every feed seen so far, in order of first sight. */
  seen(): readonly Feed[];
}

/** Judges one event, then lets the baseline learn it. No sockets, no wall clock, no I/O. */
export interface Detector {
  judge(fields: Fields, into: Verdict): void;
}

/** The one threshold of the estate for one judged hour, and what it rests on. */
export interface Threshold {
  /** Nearest-rank percentile of the lookback in bytes; null if no sized observation is in it. */
  readonly bytes: number | null;
  /** Observations that carry a size. */
  readonly samples: number;
  /** Hours of the lookback that hold any observation. */
  readonly hours: number;
  /** Bounds of the data in the lookback, epoch ms: start of the first, end of the last hour held. 0 if none. */
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * What has been seen: UTC-hour buckets of sizes and hosts. Hours are counted from the epoch
 * (`floor(ms / 3600000)`). Bucket h is in the lookback of judged hour H iff
 * `H - lookbackHours <= h < H - holdbackHours`.
 */
export interface Baseline {
  threshold(hour: number): Threshold;
  /** @param host as received, not empty */
  hostState(host: string, hour: number): Exclude<HostState, 'absent'>;
  /**
   * Start (epoch ms) of the host's first hour that the lookback of the hour last judged or learned has
   * not left behind; 0 if there is none.
   */
  firstSeenMs(host: string): number;
  /**
   * @param bytes size, or NaN if the event carried none
   * @param host as received, or '' if the event carried none
   */
  learn(hour: number, bytes: number, host: string): void;
}

/** An alert that was raised, as far as its repeats need to know it: in memory and on disk. */
export interface RaisedAlert {
  /** What alerts share that are alike; opaque but to `detect`. */
  readonly key: string;
  /** When it was raised, epoch ms. */
  readonly atMs: number;
  /** How many like it have been held back since. */
  readonly repeats: number;
}

/** Where the clock of detection stands, epoch ms, in memory and on disk; 0 is "not yet". */
export interface ClockReading {
  /** The latest time of any JPEG event. */
  readonly ms: number;
  /** Receipt of the last event that had a time of its own; with `time: received` there is none. */
  readonly timedReceiptMs: number;
}

/** Writes one `[time, record]` entry straight from the received bytes. */
export interface Encoder {
  /** Upper bound in bytes of an entry for a frame of `length` bytes. */
  maxEntryBytes(length: number): number;
  /** Writes at `at`, returns the end. The caller has made sure that `maxEntryBytes` fit. */
  entry(fields: Fields, verdict: Verdict, out: Buffer, at: number): number;
}

/**
 * What the spool stores: finished entries (opaque to it) and the observations that were learned
 * from the same events. They live or die together. Alert entries, if any, come last.
 */
export interface Batch {
  readonly observations: Buffer;
  readonly entries: Buffer;
  /** `entries[0, alertsAt)` travel under the event tag, `[alertsAt, end)` under the alert tag. */
  readonly alertsAt: number;
  /** Entries under the event tag. */
  readonly eventCount: number;
  /** Entries under the alert tag. */
  readonly alertCount: number;
  /** Receipt of its oldest event, epoch ms. */
  readonly oldestMs: number;
}

/** A batch with its place in the spool. Sequence numbers rise from 1 and are never used twice. */
export interface StoredBatch extends Batch {
  readonly seq: number;
}

/**
 * How much of what is not acked a spool lets its reader have at a time, a little of it lost between batches.
 * A reader must not wait for more before it acks anything.
 */
export const readableBytes = 16 * 1024 * 1024;

/** Keeps batches until they are acked. One writer, one reader. */
export interface Spool {
  /** When this returns the batch is *taken in*. It copies what it keeps. Never refuses: see `full`. */
  append(batch: Batch): void;
  /** True from the moment `maxBytes` is reached until enough has been acked; inputs must pause. */
  readonly full: boolean;
  /** Of the batches that are not acked. */
  readonly bytes: number;
  readonly batches: number;
  /** Number of the newest batch ever appended, 0 before the first. */
  readonly lastSeq: number;
  /** Everything up to this number has been acked. */
  readonly ackedSeq: number;
  /**
   * The oldest batch with a sequence number above `seq`, or null if there is none or it is still being
   * read: then `onReadable` follows. Its bytes are valid until it is acked.
   */
  after(seq: number): StoredBatch | null;
  /** Everything up to and including `seq` has been delivered and may be forgotten. */
  ack(seq: number): void;
  /** Set by the pipeline. */
  onFull: () => void;
  onDrained: () => void;
  /** Set by the output: there is more to read than there was. */
  onReadable: () => void;
}

/** Tells when frames are safe: what a protocol that acks messages waits for. */
export interface Durability {
  /**
   * Resolves with true once every frame that was handed to the sink before the call is on disk, fsync
   * included; with false if that failed, so that no ack may be sent. Calls that overlap share the work.
   */
  flush(): Promise<boolean>;
}

/**
 * Where what was learned is kept until the baseline that learned it is saved: the spool, as the baseline
 * sees it.
 */
export interface Journal {
  /** Names it for ever: positions of another journal mean nothing. */
  readonly id: string;
  /**
   * The number up to which the journal holds all that has been learned until now, and nothing that was
   * not; null while it cannot hold some of it.
   */
  position(): number | null;
  /** Resolves with true once all up to the last position is on disk. */
  sync(): Promise<boolean>;
}

/** Where entries go that a receiver takes from nobody. */
export interface DeadLetters {
  /**
   * On disk when it returns true; false if that cannot be now: then they must be sent on.
   *
   * @param entries of one tag: `alertsAt` is 0 or their length
   * @param reason one sentence for the operator
   */
  setAside(entries: Batch, reason: string): boolean;
}

/** Sends what the spool holds and acks it. Never throws, never ends by itself. */
export interface Output {
  readonly name: string;
  /** As far as it knows: what ends without a word (a cable, a firewall) is noticed when something is sent. */
  readonly connected: boolean;
  /** Why nothing is delivered, and what to do; null while deliveries succeed. */
  readonly trouble: string | null;
  start(): void;
  /** Resolves when all is delivered, or `deadlineMs` from now, whichever is first. */
  stop(deadlineMs: number): Promise<void>;
}
