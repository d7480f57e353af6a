/** Reads old logs: files, `.gz` files and stdin, one after the other. */
import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { StegwatchError } from '../errors.js';
import { StreamFramer } from '../framing/stream-framer.js';
import type { Counters } from '../observe/counters.js';
import type { FrameSink, Peer } from '../stages.js';

export interface ReadFilesOptions {
  readonly maxMessageBytes: number;
  readonly sink: FrameSink;
  readonly counters: Counters;
  /** In bytes on disk, so compressed ones for `.gz`; stdin and pipes count for nothing. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** Epoch ms. */
  readonly now?: () => number;
}

interface Source {
  readonly path: string;
  /** 0 where it cannot be known. */
  readonly sizeBytes: number;
}

const stdin = '-';
/** Fewer and larger reads than the 64 KiB default: each is a trip to the thread pool. */
const readBytes = 256 * 1024;
const filePeer: Peer = { address: '-' };

/**
 * Hands every frame of the files to the sink, in order. All paths are checked before any is read. The
 * end of a file ends its last frame. Back-pressure is that the sink is called synchronously.
 * @param paths `-` is stdin; what ends in `.gz` is unpacked
 * @throws StegwatchError INPUT_UNREADABLE naming the file
 */
export async function readFiles(
  paths: readonly string[],
  options: ReadFilesOptions,
): Promise<void> {
  const sources: Source[] = [];
  for (const path of paths) sources.push(await checked(path));
  const totalBytes = sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let before = 0;
  for (const source of sources) {
    await readSource(source, options, (doneBytes) => {
      // A file that is still written to has grown since its size was read.
      options.onProgress?.(before + Math.min(doneBytes, source.sizeBytes), totalBytes);
    });
    before += source.sizeBytes;
  }
}

async function checked(path: string): Promise<Source> {
  if (path === stdin) return { path, sizeBytes: 0 };
  try {
    const found = await stat(path);
    if (found.isDirectory()) {
      throw unreadable(path, 'it is a directory', 'name the files in it: a shell expands DIR/*');
    }
    await access(path, constants.R_OK);
    return { path, sizeBytes: found.isFile() ? found.size : 0 };
  } catch (error) {
    throw error instanceof StegwatchError ? error : explained(path, error);
  }
}

async function readSource(
  { path }: Source,
  { maxMessageBytes, sink, counters, now = Date.now }: ReadFilesOptions,
  onRead: (doneBytes: number) => void,
): Promise<void> {
  const framer = new StreamFramer({ maxMessageBytes, sink, counters, peer: filePeer });
  const receivedBefore = counters.received_bytes;
  let doneBytes = 0;
  try {
    const raw: Readable =
      path === stdin ? process.stdin : createReadStream(path, { highWaterMark: readBytes });
    const packed = path.endsWith('.gz');
    for await (const chunk of packed ? unpacked(raw) : raw) {
      if (counters.received_bytes === receivedBefore && isGzip(chunk)) {
        throw unreadable(path, 'it holds gzip data', 'unpack it (gunzip -c), or name it .gz');
      }
      counters.received_bytes += chunk.length;
      framer.push(chunk, now());
      doneBytes = 'bytesRead' in raw ? Number(raw.bytesRead) : 0;
      onRead(doneBytes);
    }
  } catch (error) {
    throw error instanceof StegwatchError ? error : explained(path, error);
  }
  framer.end(now());
  onRead(doneBytes);
}

/** RFC 1952, 2.3.1: the two bytes that identify it, and its one method of compression. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/** Both streams end together, whichever fails. */
function unpacked(raw: Readable): Readable {
  const gunzip = createGunzip({ chunkSize: readBytes });
  raw.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => raw.destroy());
  return raw.pipe(gunzip);
}

const explanations: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOENT: ['there is no such file', 'check the path; `-` reads from stdin'],
  EACCES: ['permission denied', 'run it as a user who may read the file'],
  EISDIR: ['it is a directory', 'name the files in it'],
  Z_DATA_ERROR: ['it is not gzip data', 'what does not end in .gz is read as it is'],
  Z_BUF_ERROR: ['its gzip data ends early', 'copy the file again, or unpack what there is'],
};

function explained(path: string, cause: unknown): StegwatchError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const words = cause instanceof Error ? cause.message : String(cause);
  const [reason, hint] = explanations[code] ?? [words, ''];
  return unreadable(path, reason, hint, cause);
}

function unreadable(path: string, reason: string, hint: string, cause?: unknown): StegwatchError {
  const name = path === stdin ? 'stdin' : path;
  return new StegwatchError('INPUT_UNREADABLE', `cannot read ${name}: ${reason}`, hint, { cause });
}
