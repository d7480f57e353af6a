/**
 * Writes one entry of Fluentd's Forward protocol, `[EventTime, record]`, straight from the bytes of
 * an event. docs/record.md describes the record. Nothing is made per event: what is constant is
 * prepared, what changes is copied, numbers are read from their bytes. (Alerts are the exception,
 * and rare.)
 */
import { randomBytes } from 'node:crypto';
import { type Fields, type Peer, Problem, parseErrors, Zone } from '../fields.js';
import type { Counters } from '../observe/counters.js';
import type { Encoder, Feeds } from '../stages.js';
import type { Verdict } from '../verdict.js';
import { ColumnPart } from './column-part.js';
import { CustomLabels } from './custom-labels.js';
import { ecsAlert } from './ecs-alert.js';
import { ecsVersion } from './ecs-names.js';
import { EcsPart } from './ecs-part.js';
import { EntryWriter } from './entry-writer.js';
import { EventIds } from './event-id.js';
import { ExtensionPart } from './extension-part.js';
import { HeaderPart, type Names } from './header-part.js';
import { Moment } from './moment.js';
import { joinPieces, type Piece, slack, stringHeader, stringPiece } from './piece.js';
import { RawPart } from './raw-part.js';
import { Rfc3339 } from './rfc3339.js';
import { SyslogPart } from './syslog-part.js';
import { writeEntries, writeObject } from './value-writer.js';

export interface ForwardEncoderOptions {
  /** When the line as received is added. */
  readonly raw: 'never' | 'alerts' | 'always';
  readonly counters: Counters;
  /** How fields are named. Default `cef`. */
  readonly names?: Names;
  /** Custom fields take the name of their label. Default false. */
  readonly resolveLabels?: boolean;
  /** With `ecs`: tells which field holds received and sent bytes. Default: `in` and `out`. */
  readonly feeds?: Feeds;
  /** An event time further ahead of its receipt is not believed. Default 5 minutes. */
  readonly maxFutureMs?: number;
  /** Random bytes that tell this process from others in event ids, 7 or more. */
  readonly processId?: Uint8Array;
}

/**
 * An event time older than this is not believed either: the look-back of the rule and a day. A
 * device whose clock starts in 1970 would else put its records where nobody looks for them, and
 * each strange time would open another time slice in the buffers of the receiver.
 */
const maxPastMs = 8 * 24 * 3600 * 1000;
const defaultMaxFutureMs = 5 * 60 * 1000;

/**
 * Names and headers of all fields that are not the sender's: about 600 bytes, and room to spare.
 */
const fixedBytes = 2048;
/** A peer's address as text; longer ones do not exist. */
const maxPeerLength = 255;
/**
 * The least budget of an alert: with every string cut to 32 bytes it fits (see value-writer.ts).
 */
const alertBytes = 24 * 1024;
const suppressedBytes = 4 * 1024;
/** Bytes of what `ecs` adds to an alert; lists are bounded, so cut strings fit. */
const ecsAlertBytes = 32 * 1024;

export function createForwardEncoder(options: ForwardEncoderOptions): Encoder {
  return new ForwardEncoder(options);
}

class ForwardEncoder implements Encoder {
  readonly #raw: ForwardEncoderOptions['raw'];
  readonly #maxFutureMs: number;
  readonly #eventIds: EventIds;
  readonly #names: Names;
  readonly #headerPart: HeaderPart;
  readonly #extensionPart: ExtensionPart | ColumnPart | EcsPart;
  readonly #syslogPart = new SyslogPart();
  readonly #rawPart = new RawPart();
  readonly #writer = new EntryWriter();
  /** Goes before the text of the entry's time, null if that is not part of the record. */
  readonly #timeName: Piece | null;
  #lastPeer: Peer | null = null;
  /** `peer` and its address; null for one that has none. */
  #peer: Piece | null = null;
  readonly #received = new Moment();
  readonly #event = new Moment();
  readonly #receivedAt = new Rfc3339();
  readonly #eventTime = new Rfc3339();

  constructor(options: ForwardEncoderOptions) {
    this.#raw = options.raw;
    this.#maxFutureMs = options.maxFutureMs ?? defaultMaxFutureMs;
    this.#eventIds = new EventIds(options.processId ?? randomBytes(8));
    this.#names = options.names ?? 'cef';
    this.#headerPart = new HeaderPart(this.#names);
    this.#extensionPart = extensionPart(this.#names, options);
    this.#timeName = timeNames[this.#names];
  }

  /**
   * With n bytes in the frame there are at most 3n in `fields.bytes`: a repaired copy has three
   * bytes (U+FFFD) for each bad one. Header, syslog and extension are disjoint ranges of it.
   *
   * `cef`: no range grows to more than twice its size (the worst are `raw= ` to `ext_raw` and
   * `dlat=1 ` to a float64 of 9 bytes): 6n.
   *
   * The others: a field has a key that is ASCII, `=` and a blank before it, so the frame holds one
   * for each 3 bytes; the worst, `a= `, grows by the 15 bytes of `cef.extensions.` and two headers
   * for its 3: 17/3 n, and 3n for the bytes themselves. (No name of the tables grows more: held by
   * a test.)
   *
   * `message` may repeat all of it: 3n. Base64 of the frame: 4/3 n. Alert: its budget.
   */
  maxEntryBytes(length: number): number {
    const growth = this.#names === 'cef' ? 6 : 9;
    const sendersBytes = (growth + 3) * length + 4 * Math.ceil(length / 3);
    const ecsBytes = this.#names === 'ecs' ? ecsAlertBytes : 0;
    return fixedBytes + sendersBytes + alertBudget(length) + ecsBytes + suppressedBytes + slack;
  }

  entry(fields: Fields, verdict: Verdict, out: Buffer, at: number): number {
    const writer = this.#writer;
    writer.begin(out, at, fields.bytes, fields.view);
    writer.byte(0x92);
    // The event's own time where it can be believed, else that of its receipt.
    const { eventTimeMs, receivedAtMs } = fields;
    const believed =
      eventTimeMs <= receivedAtMs + this.#maxFutureMs && eventTimeMs >= receivedAtMs - maxPastMs;
    this.#received.ms = receivedAtMs;
    this.#event.ms = eventTimeMs;
    writer.eventTime(believed ? this.#event : this.#received);
    const map = writer.openMap();
    this.#receivedAt.set(this.#received);
    const hasTime = this.#eventTime.set(this.#event);
    let count = this.#time(believed ? this.#eventTime : this.#receivedAt);
    count += this.#headerPart.write(writer, fields);
    count += this.#extensionPart.write(writer, fields);
    count += this.#syslogPart.write(writer, fields);
    count += this.#receipt(fields, hasTime);
    count += this.#markers(fields);
    count += this.#verdict(fields, verdict);
    const rawWanted = this.#raw === 'always' || (this.#raw === 'alerts' && verdict.alert !== null);
    count += this.#rawPart.write(writer, fields, rawWanted);
    writer.closeMap(map, count);
    return writer.at;
  }

  /** The time of the entry, where the names have one for it. */
  #time(time: Rfc3339): number {
    if (this.#timeName === null) return 0;
    this.#writer.piece(this.#timeName);
    this.#writer.piece(time.text);
    return this.#names === 'ecs' ? 2 : 1;
  }

  /** Who sent it, its id, and the times. */
  #receipt(fields: Fields, hasTime: boolean): number {
    const writer = this.#writer;
    let count = 2;
    if (fields.peer !== this.#lastPeer) this.#meet(fields.peer);
    if (this.#peer !== null) {
      writer.piece(this.#peer);
      count++;
    }
    this.#eventIds.advance(this.#received);
    writer.piece(names.eventId);
    writer.piece(this.#eventIds.text);
    writer.piece(names.receivedAt);
    writer.piece(this.#receivedAt.text);
    if (hasTime) {
      writer.piece(names.eventTime);
      writer.piece(this.#eventTime.text);
      count++;
      if (fields.zone === Zone.assumed) {
        writer.piece(names.zoneAssumed);
        writer.bool(true);
        count++;
      }
    }
    return count;
  }

  /** Frames of one sender come in runs: its part of the record is made once for each. */
  #meet(peer: Peer): void {
    this.#lastPeer = peer;
    const { address } = peer;
    const known = address.slice(0, maxPeerLength);
    this.#peer = address === '-' ? null : joinPieces(names.peer, stringPiece(known));
  }

  /** What is wrong with the event. */
  #markers(fields: Fields): number {
    const writer = this.#writer;
    let count = 0;
    if (fields.problem !== Problem.none) {
      writer.piece(problemPieces[fields.problem]!);
      writer.piece(names.message);
      writer.text(fields.messageStart, fields.messageEnd);
      count += 2;
    }
    if (fields.truncated) {
      writer.piece(names.truncated);
      writer.bool(true);
      writer.piece(names.originalLength);
      writer.integer(fields.originalLength);
      count += 2;
    }
    return count;
  }

  #verdict(fields: Fields, verdict: Verdict): number {
    const writer = this.#writer;
    let count = 0;
    if (verdict.alert !== null) {
      writer.piece(names.alert);
      writeObject(writer, verdict.alert, alertBudget(fields.rawEnd - fields.rawStart));
      count++;
      if (this.#names === 'ecs') {
        count += writeEntries(writer, ecsAlert(verdict.alert), ecsAlertBytes);
      }
    }
    if (verdict.suppressed !== null) {
      writer.piece(names.alertSuppressed);
      writeObject(writer, verdict.suppressed, suppressedBytes);
      count++;
    }
    return count;
  }
}

/**
 * Room for the strings of an alert that repeat parts of the event: host, URL, file name, reason.
 */
function alertBudget(length: number): number {
  return alertBytes + 6 * length;
}

function extensionPart(
  names: Names,
  options: ForwardEncoderOptions,
): ExtensionPart | ColumnPart | EcsPart {
  const { counters, feeds } = options;
  // The columns for custom fields have columns for their labels: both stay.
  const labels = options.resolveLabels ? new CustomLabels(names !== 'commonsecuritylog') : null;
  if (names === 'commonsecuritylog') return new ColumnPart(counters, labels);
  if (names === 'ecs') return new EcsPart(counters, labels, feeds ?? null);
  return new ExtensionPart(counters, labels);
}

/** What goes before the text of the entry's time. */
const timeNames: Readonly<Record<Names, Piece | null>> = {
  cef: null,
  commonsecuritylog: joinPieces(stringPiece('TimeGenerated'), stringHeader(24)),
  ecs: joinPieces(
    stringPiece('ecs.version'),
    stringPiece(ecsVersion),
    stringPiece('@timestamp'),
    stringHeader(24),
  ),
};
const problemPieces = parseErrors.map((text) =>
  joinPieces(stringPiece('parse_error'), stringPiece(text)),
);
/** Names, and the header of the value where that is a string of constant length. */
const names = {
  peer: stringPiece('peer'),
  eventId: joinPieces(stringPiece('event_id'), stringHeader(26)),
  receivedAt: joinPieces(stringPiece('received_at'), stringHeader(24)),
  eventTime: joinPieces(stringPiece('event_time'), stringHeader(24)),
  zoneAssumed: stringPiece('zone_assumed'),
  message: stringPiece('message'),
  truncated: stringPiece('truncated'),
  originalLength: stringPiece('original_length'),
  alert: stringPiece('alert'),
  alertSuppressed: stringPiece('alert_suppressed'),
};
