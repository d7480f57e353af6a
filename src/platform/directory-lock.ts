/**
 * One owner of a directory: a Unix socket in it that the owner listens on. A crash leaves the socket but
 * nobody who answers there, so it needs no clean-up and no process numbers, which mean nothing between
 * containers that share a volume. File systems without sockets (some network mounts) have no lock.
 *
 *     bind a socket of our own name ─► link it to `lock`
 *                                        '─ exists: does anybody answer? ─ yes ─► held by another
 *                                                                        '─ no ──► take it away, again
 */

import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, wordsOf } from '../errors.js';

const lockName = 'lock';
/** Others may be taking the dead one away at the same moment. */
const attempts = 5;
const answerMs = 2000;
/** Longer than taking over takes. */
const settleMs = 50;

export type LockResult =
  | { readonly kind: 'locked'; readonly lock: DirectoryLock }
  | { readonly kind: 'held' }
  /** There can be no lock in this directory. */
  | { readonly kind: 'unsupported'; readonly reason: string };

export class DirectoryLock {
  readonly #server: Server;
  readonly #directory: Directory;
  /** Of the socket that we listen on. */
  readonly #inode: number;

  constructor(server: Server, directory: Directory, inode: number) {
    this.#server = server;
    this.#directory = directory;
    this.#inode = inode;
  }

  /** Lets go of it. Idempotent. */
  async release(): Promise<void> {
    const lock = join(this.#directory.path, lockName);
    if ((await inodeOf(lock)) === this.#inode) await rm(lock, { force: true }).catch(() => {});
    await closed(this.#server);
    await this.#directory.close();
  }
}

/** The directory must exist. Throws what the system says of it. */
export async function lockDirectory(path: string): Promise<LockResult> {
  const directory = await Directory.open(path);
  const ownName = `${lockName}.${randomBytes(8).toString('hex')}`;
  const server = createServer((socket) => socket.destroy());
  try {
    await listening(server, directory.socketPath(ownName));
  } catch (error) {
    await directory.close();
    return { kind: 'unsupported', reason: wordsOf(error) };
  }
  // It must not keep the process alive, nor end it.
  server.unref();
  server.on('error', () => {});
  const inode = await inodeOf(join(path, ownName));
  let result = await takeOver(directory, ownName);
  // Of several that found a dead one, one may have taken away what another had just linked.
  for (let again = 0; result.kind === 'taken' && again < attempts; again++) {
    await sleep(settleMs);
    if ((await inodeOf(join(path, lockName))) === inode) break;
    result = await takeOver(directory, ownName);
  }
  await rm(join(path, ownName), { force: true });
  if (result.kind === 'taken') {
    return { kind: 'locked', lock: new DirectoryLock(server, directory, inode) };
  }
  await closed(server);
  await directory.close();
  return result;
}

/** True if a process holds the lock now; changes nothing. */
export async function isDirectoryLocked(path: string): Promise<boolean> {
  const directory = await Directory.open(path);
  try {
    return await answers(directory.socketPath(lockName));
  } finally {
    await directory.close();
  }
}

async function takeOver(
  directory: Directory,
  ownName: string,
): Promise<{ kind: 'taken' } | { kind: 'held' } | { kind: 'unsupported'; reason: string }> {
  const own = join(directory.path, ownName);
  const lock = join(directory.path, lockName);
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      await link(own, lock);
      return { kind: 'taken' };
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') return { kind: 'unsupported', reason: wordsOf(error) };
    }
    if (await answers(directory.socketPath(lockName))) return { kind: 'held' };
    // Moved away first: between the question and now it may have become somebody's.
    const aside = `${ownName}.dead`;
    await rename(lock, join(directory.path, aside)).catch(() => {});
    const alive = await answers(directory.socketPath(aside));
    if (alive) await link(join(directory.path, aside), lock).catch(() => {});
    await rm(join(directory.path, aside), { force: true });
    if (alive) return { kind: 'held' };
  }
  return { kind: 'held' };
}

/**
 * Paths of sockets are at most 107 bytes long; one that goes by the descriptor of the directory is short
 * wherever it lies. Where there is no /proc the path itself must do.
 */
class Directory {
  readonly path: string;
  readonly #handle: FileHandle | null;

  private constructor(path: string, handle: FileHandle | null) {
    this.path = path;
    this.#handle = handle;
  }

  static async open(path: string): Promise<Directory> {
    const handle = process.platform === 'linux' ? await open(path, 'r') : null;
    return new Directory(path, handle);
  }

  socketPath(name: string): string {
    return this.#handle === null
      ? join(this.path, name)
      : `/proc/self/fd/${this.#handle.fd}/${name}`;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}

/** 0 if there is no such file. */
async function inodeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  return found?.ino ?? 0;
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const timer = setTimeout(() => finish(true), answerMs);
    function finish(result: boolean): void {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    }
    socket.on('connect', () => finish(true));
    // A full backlog (EAGAIN) is somebody; nobody there is ECONNREFUSED, no socket there ENOENT.
    socket.on('error', (error) => finish(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error))));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
