/** Sends lines over TCP with back-pressure, newline-framed or octet-counted. */
import { once } from 'node:events';
import { connect } from 'node:net';

export async function sendTcp(
  port: number,
  lines: readonly string[],
  frame: (line: string) => string = (line) => `${line}\n`,
): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const piece = 200;
  for (let i = 0; i < lines.length; i += piece) {
    const text = lines
      .slice(i, i + piece)
      .map(frame)
      .join('');
    if (!socket.write(text)) await once(socket, 'drain');
  }
  socket.end();
  socket.resume();
  await once(socket, 'close');
}

/** RFC 6587 3.4.1. */
export function octetCounted(line: string): string {
  return `${Buffer.byteLength(line)} ${line}`;
}
