/**
 * Sends the workload over TCP as fast as it is read, from memory: `count` events, the block of
 * distinct lines again and again.
 *
 *     node build/bench/sender.js PORT COUNT SEED DISTINCT
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { workload } from './workload.js';

const [port, count, seed, distinct] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  number,
];
const { lines } = workload(Math.min(distinct, count), seed, Date.now());
const pieceLines = 500;
const pieces: Buffer[] = [];
for (let i = 0; i < lines.length; i += pieceLines) {
  pieces.push(Buffer.from(lines.slice(i, i + pieceLines).join('')));
}
const socket = connect(port, '127.0.0.1');
await once(socket, 'connect');
let sent = 0;
for (let piece = 0; sent < count; piece = (piece + 1) % pieces.length) {
  const left = count - sent;
  const whole = Math.min(pieceLines, lines.length - piece * pieceLines);
  const bytes =
    left >= whole
      ? pieces[piece]!
      : Buffer.from(lines.slice(piece * pieceLines, piece * pieceLines + left).join(''));
  sent += Math.min(left, whole);
  if (!socket.write(bytes)) await once(socket, 'drain');
}
socket.end();
await once(socket, 'close');
console.log(sent);
