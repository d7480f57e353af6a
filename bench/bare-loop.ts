/**
 * The floor to measure against: a bare hand-written loop of the same parse in one file. TCP in, split at
 * newlines, note CEF keys and values, write a MessagePack entry, TCP out. No judging, no spool, no acks,
 * no typed numbers, no limits, no dictionary: what a reader would write in an afternoon for speed alone.
 *
 *     node build/bench/bare-loop.js SINK_PORT       prints the port it listens on
 */
import { connect, createServer, type Socket } from 'node:net';
import { parse, pendingBytes, takeEntries } from './stages/bare-parse.js';

const sink = connect(Number(process.argv[2]), '127.0.0.1');
sink.on('error', () => process.exit(0));

const server = createServer((socket: Socket) => {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      parse(bytes, start, end);
      start = end + 1;
      if (pendingBytes() > 128 * 1024) flush();
    }
    rest = bytes.subarray(start);
  });
  socket.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => {
  console.log((server.address() as { port: number }).port);
});
setInterval(flush, 50);

function flush(): void {
  if (pendingBytes() > 0) sink.write(Buffer.from(takeEntries()));
}
