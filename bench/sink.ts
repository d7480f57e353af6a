/**
 * The far end: accepts Forward messages, acks each chunk, counts events; or, in `raw` mode, discards bytes
 * and counts newline-free MessagePack entries by their fixed start (for the bare loop).
 *
 *     node build/bench/sink.js forward|raw       prints its port, then a line of counts each 50 ms
 */
import { createServer, type Socket } from 'node:net';

const mode = process.argv[2];
let events = 0;
let bytes = 0;

const server = createServer((socket: Socket) => {
  socket.on('error', () => {});
  if (mode === 'raw') {
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    return;
  }
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let used = message(rest, socket); used > 0; used = message(rest, socket)) {
      rest = rest.subarray(used);
    }
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log((server.address() as { port: number }).port);
  setInterval(() => console.log(`${events} ${bytes}`), 50);
});

/** Takes one `[tag, bin, option]` from the front; returns its length, or 0 if it is not all there. */
function message(b: Buffer, socket: Socket): number {
  try {
    let p = 1; // fixarray of 3
    p += b[p] === 0xd9 ? 2 + b[p + 1]! : 1 + (b[p]! & 0x1f);
    const type = b[p]!;
    const length =
      type === 0xc6 ? b.readUInt32BE(p + 1) : type === 0xc5 ? b.readUInt16BE(p + 1) : b[p + 1]!;
    p += (type === 0xc6 ? 5 : type === 0xc5 ? 3 : 2) + length;
    if (p >= b.length) return 0;
    let pairs = b[p++]! & 0x0f;
    let id: Buffer | null = null;
    let size = 0;
    for (; pairs > 0; pairs--) {
      const key = b.toString('latin1', p + 1, p + 1 + (b[p]! & 0x1f));
      p += 1 + key.length;
      const first = b[p];
      if (first === undefined) return 0;
      if (key === 'chunk') {
        const header = first === 0xd9 ? 2 : 1;
        const n = first === 0xd9 ? b[p + 1]! : first & 0x1f;
        if (p + header + n > b.length) return 0;
        id = b.subarray(p, p + header + n);
        p += header + n;
      } else {
        const n = first === 0xce ? 4 : first === 0xcd ? 2 : first === 0xcc ? 1 : 0;
        size = n === 0 ? first : b.readUIntBE(p + 1, n);
        p += 1 + n;
      }
    }
    if (p > b.length) return 0;
    events += size;
    if (id) socket.write(Buffer.concat([Buffer.from([0x81, 0xa3, 0x61, 0x63, 0x6b]), id]));
    return p;
  } catch (error) {
    if (error instanceof RangeError) return 0; // the numbers are not all there yet
    throw error;
  }
}
