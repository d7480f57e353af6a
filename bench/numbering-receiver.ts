/**
 * A Forward receiver that acks every chunk and looks at the numbers (`externalId`) of the events in it: does
 * each tag's come in ascending order, each once?
 */
import { createServer, type Server, type Socket } from 'node:net';

const key = Buffer.from('externalId', 'latin1');

export class NumberingReceiver {
  /** Of the numbers 1, 2, 3 … how many have come. */
  distinct = 0;
  twice = 0;
  /** Lower than one that came before under the same tag, and new. */
  outOfOrder = 0;
  #seen = new Uint8Array(1024 * 1024);
  readonly #newest = new Map<string, number>();
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  listen(port = 0): Promise<number> {
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    return new Promise((resolve) => {
      server.listen(port, '127.0.0.1', () => {
        resolve((server.address() as { port: number }).port);
      });
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => {
      this.#server?.close(() => resolve());
    });
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    let rest: Buffer[] = [];
    let held = 0;
    let wanted = 0;
    socket.on('data', (chunk: Buffer) => {
      rest.push(chunk);
      held += chunk.length;
      if (held < wanted) return;
      let bytes = rest.length === 1 ? chunk : Buffer.concat(rest);
      for (;;) {
        wanted = messageLength(bytes);
        if (wanted === 0 || bytes.length < wanted) break;
        this.#take(bytes.subarray(0, wanted), socket);
        bytes = bytes.subarray(wanted);
      }
      rest = [bytes];
      held = bytes.length;
    });
  }

  #take(message: Buffer, socket: Socket): void {
    const tag = message.toString('latin1', tagAt(message), tagEnd(message));
    for (let at = message.indexOf(key); at >= 0; at = message.indexOf(key, at + key.length)) {
      const digits = at + key.length + 1;
      const length = message[digits - 1]! & 0x1f;
      this.#note(tag, Number(message.toString('latin1', digits, digits + length)));
    }
    // The option is the last: 82 a5 "chunk" b8 id a4 "size" ce NNNNNNNN.
    const id = message.subarray(message.length - 35, message.length - 10);
    socket.write(Buffer.concat([Buffer.from([0x81, 0xa3, 0x61, 0x63, 0x6b]), id]));
  }

  #note(tag: string, number: number): void {
    if (number >= this.#seen.length) {
      const larger = new Uint8Array(2 * number);
      larger.set(this.#seen);
      this.#seen = larger;
    }
    if (this.#seen[number] === 1) {
      this.twice++;
      return;
    }
    this.#seen[number] = 1;
    this.distinct++;
    const newest = this.#newest.get(tag) ?? 0;
    if (number < newest) this.outOfOrder++;
    else this.#newest.set(tag, number);
  }
}

/** Of `[tag, bin 32, option]`; 0 while that cannot be told. The option of a chunk with an id has 42 bytes. */
function messageLength(bytes: Buffer): number {
  const at = bytes.length < 2 ? 0 : tagEnd(bytes);
  if (at === 0 || bytes.length < at + 5) return 0;
  return at + 5 + bytes.readUInt32BE(at + 1) + optionBytes;
}

const optionBytes = 42;

function tagAt(bytes: Buffer): number {
  return bytes[1] === 0xd9 ? 3 : 2;
}

function tagEnd(bytes: Buffer): number {
  const length = bytes[1] === 0xd9 ? bytes[2]! : bytes[1]! & 0x1f;
  return tagAt(bytes) + length;
}
