/**
 * The bytes of a bucket's file: what docs/baseline-format.md describes. An append-only log, so that a
 * checkpoint costs one write and a crash in the middle of it costs that checkpoint only.
 *
 *     prefix    "STEGBKT\n"  u16 format version  u16 0  u32 CRC of the 12 bytes before       16 bytes
 *     sections  u32 kind  u32 length  u32 CRC of payload  u32 CRC of the 12 bytes before  payload
 *
 *     kind 1, identity, once, first:   JSON { hour, direction, fingerprint }
 *     kind 2, checkpoint:
 *         8 bytes journal  f64 sequence number: what it was learned from; since format 2
 *         u32 flags (1 = sealed)  u32 centroids  u32 raw values  u32 hosts  f64 observations
 *         f64 mean per centroid   f64 count per centroid   f64 per raw value
 *         per host: u16 length, UTF-8
 *
 * Little endian. The state of the last checkpoint wins, the hosts of all of them add up. The prefix is
 * the one part that every later format must keep, so that an older program can tell what it sees.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { Direction } from '../verdict.js';
import type { DigestState } from './size-digest.js';

/** Raise it with every change of the layout, and go on reading the older ones. */
export const formatVersion = 2;

const magic = Buffer.from('STEGBKT\n', 'latin1');
const prefixLength = 16;
const headerLength = 16;
const stateLength = 24;
/** Before the state, since format 2. */
const throughLength = 16;
const identityKind = 1;
const checkpointKind = 2;
const sealedFlag = 1;
/** Bytes checked, or hosts counted, in one turn of the event loop: about a millisecond's work. */
const bytesPerTurn = 1024 * 1024;
const countedPerTurn = 64 * 1024;
/** Hosts read, which happens before the program listens: some 10 ms' work. */
const hostsPerTurn = 16 * 1024;

export interface BucketIdentity {
  readonly hour: number;
  readonly direction: Direction;
  /** Says which events are observed and what size they carry; buckets that differ never mix. */
  readonly fingerprint: string;
}

/** A place in a journal (`Journal` of stages.ts). */
export interface Through {
  /** 16 hexadecimal digits. */
  readonly journal: string;
  readonly seq: number;
}

/** What a checkpoint says of a bucket, except for its hosts. */
export interface BucketState {
  /** All that the journal holds up to there for this bucket is in it; null if no journal was kept. */
  readonly through: Through | null;
  readonly sealed: boolean;
  readonly observations: number;
  readonly sizes: DigestState;
}

/** Hosts as they lie in a file. */
export interface HostBlock {
  readonly count: number;
  readonly bytes: Buffer;
}

export interface BucketFile {
  readonly kind: 'bucket';
  readonly identity: BucketIdentity;
  /** Null if no checkpoint is whole. */
  readonly state: BucketState | null;
  readonly hosts: readonly HostBlock[];
  readonly version: number;
  /** Length of what is whole; the next checkpoint goes here. */
  readonly end: number;
  /** Bytes after `end`: a checkpoint that a crash cut off. 0 if there is none. */
  readonly tornBytes: number;
}

export type BucketFileContent =
  | BucketFile
  | { readonly kind: 'damaged'; readonly reason: string }
  | { readonly kind: 'newer'; readonly version: number };

/** The start of a file, up to its first checkpoint. */
export function encodeIdentity(identity: BucketIdentity, version = formatVersion): Buffer {
  const prefix = Buffer.alloc(prefixLength);
  magic.copy(prefix);
  prefix.writeUInt16LE(version, 8);
  prefix.writeUInt32LE(crc32(prefix.subarray(0, 12)), 12);
  const payload = Buffer.from(JSON.stringify(identity), 'utf8');
  return Buffer.concat([
    prefix,
    sectionHeader(identityKind, payload.length, crc32(payload)),
    payload,
  ]);
}

/** One checkpoint as parts to be written one after the other. Leaves the loop free between slices. */
export async function encodeCheckpoint(
  state: BucketState,
  hosts: readonly HostBlock[],
): Promise<Buffer[]> {
  const count = hosts.reduce((sum, block) => sum + block.count, 0);
  const payload = [encodeState(state, count), ...hosts.map((block) => block.bytes)];
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  let crc = 0;
  for (const part of payload) crc = await crcInTurns(part, crc);
  return [sectionHeader(checkpointKind, length, crc), ...payload];
}

/** Calls `each` for every host of a block, and waits for `between` now and then: by default, to leave the loop free. */
export async function decodeHosts(
  block: HostBlock,
  each: (host: string) => void,
  between: () => Promise<unknown> = nextTurn,
): Promise<void> {
  const { bytes } = block;
  for (let at = 0, done = 1; at < bytes.length; done++) {
    const start = at + 2;
    at = start + bytes.readUInt16LE(at);
    each(
      isAscii(bytes, start, at)
        ? bytes.toString('latin1', start, at)
        : bytes.toString('utf8', start, at),
    );
    if (done % hostsPerTurn === 0) await between();
  }
}

/** Nearly every host is, and is then read in half the time. */
function isAscii(bytes: Buffer, start: number, end: number): boolean {
  let seen = 0;
  for (let at = start; at < end; at++) seen |= bytes[at]!;
  return seen < 0x80;
}

/** Reads a whole file. Never throws: what is wrong is said in the result. */
export async function readBucketFile(bytes: Buffer): Promise<BucketFileContent> {
  if (bytes.length < prefixLength || !bytes.subarray(0, 8).equals(magic)) {
    return damaged('it does not begin like a bucket file');
  }
  if (crc32(bytes.subarray(0, 12)) !== bytes.readUInt32LE(12)) {
    return damaged('its first 16 bytes fail their checksum');
  }
  const version = bytes.readUInt16LE(8);
  if (version > formatVersion) return { kind: 'newer', version };
  const first = await readSection(bytes, prefixLength);
  const identity = typeof first === 'object' ? parseIdentity(first) : null;
  if (typeof first !== 'object' || identity === null) {
    return damaged('the section that says which bucket it is cannot be read');
  }
  return readCheckpoints(bytes, first.end, identity, version);
}

async function readCheckpoints(
  bytes: Buffer,
  start: number,
  identity: BucketIdentity,
  version: number,
): Promise<BucketFileContent> {
  let state: BucketState | null = null;
  const hosts: HostBlock[] = [];
  let end = start;
  while (end < bytes.length) {
    const section = await readSection(bytes, end);
    if (section === 'torn') break;
    if (section === 'damaged') return damaged(`the section at byte ${end} fails its checksum`);
    const checkpoint =
      section.kind === checkpointKind ? await parseCheckpoint(section.payload, version) : null;
    if (checkpoint === null) return damaged(`the section at byte ${end} is not a checkpoint`);
    state = checkpoint.state;
    if (checkpoint.hosts.count > 0) hosts.push(checkpoint.hosts);
    end = section.end;
  }
  const tornBytes = bytes.length - end;
  return { kind: 'bucket', identity, state, hosts, version, end, tornBytes };
}

interface Section {
  readonly kind: number;
  readonly payload: Buffer;
  readonly end: number;
}

/**
 * Torn is what an interrupted append leaves: a section that would run past the end of the file, whose
 * payload is wrong but the last thing in it, or nothing but zeros (blocks given to the file but never
 * written). Anything else that is wrong has lost what had been safe, and is damage.
 */
async function readSection(bytes: Buffer, at: number): Promise<Section | 'torn' | 'damaged'> {
  if (bytes.length - at < headerLength) return 'torn';
  if (crc32(bytes.subarray(at, at + 12)) !== bytes.readUInt32LE(at + 12)) {
    return (await allZero(bytes, at)) ? 'torn' : 'damaged';
  }
  const start = at + headerLength;
  const end = start + bytes.readUInt32LE(at + 4);
  if (end > bytes.length) return 'torn';
  const payload = bytes.subarray(start, end);
  if ((await crcInTurns(payload, 0)) !== bytes.readUInt32LE(at + 8)) {
    return end === bytes.length ? 'torn' : 'damaged';
  }
  return { kind: bytes.readUInt32LE(at), payload, end };
}

function sectionHeader(kind: number, length: number, payloadCrc: number): Buffer {
  const header = Buffer.alloc(headerLength);
  header.writeUInt32LE(kind, 0);
  header.writeUInt32LE(length, 4);
  header.writeUInt32LE(payloadCrc, 8);
  header.writeUInt32LE(crc32(header.subarray(0, 12)), 12);
  return header;
}

function encodeState(state: BucketState, hosts: number): Buffer {
  const { means, counts, tail } = state.sizes;
  const length = throughLength + stateLength + 8 * (2 * means.length + tail.length);
  const bytes = Buffer.alloc(length);
  if (state.through !== null) {
    bytes.write(state.through.journal, 0, 8, 'hex');
    bytes.writeDoubleLE(state.through.seq, 8);
  }
  const at = throughLength;
  bytes.writeUInt32LE(state.sealed ? sealedFlag : 0, at);
  bytes.writeUInt32LE(means.length, at + 4);
  bytes.writeUInt32LE(tail.length, at + 8);
  bytes.writeUInt32LE(hosts, at + 12);
  bytes.writeDoubleLE(state.observations, at + 16);
  let end = at + stateLength;
  for (const list of [means, counts, tail]) {
    for (const value of list) end = bytes.writeDoubleLE(value, end);
  }
  return bytes;
}

/**
 * Null if it is nothing that was ever written, whatever its checksum says: counts that do not fit its
 * length, or numbers in which a search for the percentile would not end.
 */
async function parseCheckpoint(
  payload: Buffer,
  version: number,
): Promise<{ state: BucketState; hosts: HostBlock } | null> {
  const at = version === 1 ? 0 : throughLength;
  if (payload.length < at + stateLength) return null;
  const centroids = payload.readUInt32LE(at + 4);
  const raw = payload.readUInt32LE(at + 8);
  const sizesAt = at + stateLength;
  const hostsAt = sizesAt + 8 * (2 * centroids + raw);
  if (hostsAt > payload.length) return null;
  const sizes: DigestState = {
    means: readDoubles(payload, sizesAt, centroids),
    counts: readDoubles(payload, sizesAt + 8 * centroids, centroids),
    tail: readDoubles(payload, sizesAt + 16 * centroids, raw),
  };
  const sealed = (payload.readUInt32LE(at) & sealedFlag) !== 0;
  const observations = payload.readDoubleLE(at + 16);
  const hosts = { count: payload.readUInt32LE(at + 12), bytes: payload.subarray(hostsAt) };
  if (!isPossible(sizes, observations) || !(await areWhole(hosts))) return null;
  const through = at === 0 ? null : parseThrough(payload);
  return { state: { through, sealed, observations, sizes }, hosts };
}

/** Finite sizes, the digested ones in order, and no more of them than there were observations. */
function isPossible({ means, counts, tail }: DigestState, observations: number): boolean {
  if (!Number.isSafeInteger(observations)) return false;
  let samples = tail.length;
  for (let i = 0; i < means.length; i++) {
    if (!Number.isFinite(means[i]!) || (i > 0 && means[i]! < means[i - 1]!)) return false;
    if (!Number.isSafeInteger(counts[i]!) || counts[i]! < 1) return false;
    samples += counts[i]!;
  }
  return samples <= observations && tail.every(Number.isFinite);
}

/** The hosts are as many as they are said to be, and end where the payload does. */
async function areWhole({ count, bytes }: HostBlock): Promise<boolean> {
  let at = 0;
  let found = 0;
  while (at + 2 <= bytes.length) {
    at += 2 + (bytes[at]! | (bytes[at + 1]! << 8));
    found++;
    if (found % countedPerTurn === 0) await nextTurn();
  }
  return at === bytes.length && found === count;
}

function parseThrough(payload: Buffer): Through | null {
  const seq = payload.readDoubleLE(8);
  if (!Number.isSafeInteger(seq) || seq <= 0) return null;
  return { journal: payload.toString('hex', 0, 8), seq };
}

function readDoubles(bytes: Buffer, at: number, count: number): Float64Array {
  const doubles = new Float64Array(count);
  for (let i = 0; i < count; i++) doubles[i] = bytes.readDoubleLE(at + 8 * i);
  return doubles;
}

function parseIdentity(section: Section): BucketIdentity | null {
  if (section.kind !== identityKind) return null;
  try {
    return JSON.parse(section.payload.toString('utf8')) as BucketIdentity;
  } catch {
    return null;
  }
}

async function crcInTurns(bytes: Buffer, start: number): Promise<number> {
  let crc = start;
  for (let at = 0; at < bytes.length; at += bytesPerTurn) {
    if (at > 0) await nextTurn();
    crc = crc32(bytes.subarray(at, at + bytesPerTurn), crc);
  }
  return crc;
}

async function allZero(bytes: Buffer, from: number): Promise<boolean> {
  const zeros = Buffer.alloc(bytesPerTurn);
  for (let at = from; at < bytes.length; at += bytesPerTurn) {
    if (at > from) await nextTurn();
    const part = bytes.subarray(at, at + bytesPerTurn);
    if (!part.equals(zeros.subarray(0, part.length))) return false;
  }
  return true;
}

function damaged(reason: string): BucketFileContent {
  return { kind: 'damaged', reason };
}
