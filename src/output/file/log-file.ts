/**
 * A file of whole lines that is appended to, and turned over when it is large: `events.json` becomes `events.json.1`,
 * that `.2`, and so on; the oldest goes. Whoever moves it away (logrotate) finds a new one begun.
 */
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';

const lineFeed = 0x0a;
/** Owner and group: records hold URLs and accounts. */
const mode = 0o640;

export interface LogFileOptions {
  readonly path: string;
  /** Bytes; at least one batch is in it all the same. */
  readonly maxBytes: number;
  /** Files in all, this one included. */
  readonly maxFiles: number;
}

export class LogFile {
  readonly #options: LogFileOptions;
  #handle: FileHandle | null = null;
  #inode = 0;
  /** Up to there it holds whole lines. */
  #size = 0;

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#handle !== null;
  }

  /** Rejects if it cannot be opened. Idempotent. */
  async open(): Promise<void> {
    if (this.#handle !== null) return;
    const handle = await open(this.#options.path, 'a+', mode);
    try {
      const { size, ino, isFile } = await facts(handle);
      if (!isFile) throw new Error('it is no regular file');
      this.#size = size;
      this.#inode = ino;
      this.#handle = handle;
      // A crash may have left a part of a line, which then comes again whole.
      if (size > 0 && (await lastByte(handle, size)) !== lineFeed) {
        await this.#append(Buffer.from([lineFeed]));
      }
    } catch (error) {
      this.#handle = null;
      await handle.close();
      throw error;
    }
  }

  /**
   * All of it, or nothing: what was written of it when it fails is taken back. Then the file is closed.
   * @param lines whole lines
   */
  async write(lines: Buffer): Promise<void> {
    try {
      await this.#turnOver(lines.length);
      await this.#append(lines);
    } catch (error) {
      await this.#handle?.truncate(this.#size).catch(() => {});
      await this.close();
      throw error;
    }
  }

  /** What was written is on disk. */
  async force(): Promise<void> {
    await this.#handle?.datasync();
  }

  /** Somebody has moved or deleted it: what is written would go where nobody looks. */
  async isMoved(): Promise<boolean> {
    const now = await stat(this.#options.path).catch(() => null);
    return now === null || now.ino !== this.#inode;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close().catch(() => {});
  }

  async #append(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#handle!.write(bytes, at, bytes.length - at);
      at += bytesWritten;
    }
    this.#size += bytes.length;
  }

  async #turnOver(more: number): Promise<void> {
    const { path, maxBytes, maxFiles } = this.#options;
    if (this.#size === 0 || this.#size + more <= maxBytes) return;
    await this.force();
    await this.close();
    const nameOf = (n: number): string => (n === 0 ? path : `${path}.${n}`);
    await rm(nameOf(maxFiles - 1), { force: true });
    for (let n = maxFiles - 2; n >= 0; n--) {
      await rename(nameOf(n), nameOf(n + 1)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
    await this.open();
  }
}

async function facts(handle: FileHandle) {
  const found = await handle.stat();
  return { size: found.size, ino: found.ino, isFile: found.isFile() };
}

async function lastByte(handle: FileHandle, size: number): Promise<number> {
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, size - 1);
  return byte[0]!;
}
