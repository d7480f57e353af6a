/**
 * Reads all sockets of the process into one buffer. By default Node reads into 64 KiB of fresh memory each time;
 * V8 frees it in its own time, and as it lies outside the heap, every few MiB force a collection of the whole
 * heap: a quarter of the cost of an event at full rate (`npm run bench`; docs/adr/0014).
 *
 * `net.Socket` can read into a buffer of ours (`onread`), but only one that is made so; an accepted socket is made
 * anew around its handle. The handle is not promised by Node (`_handle`): where it is missing the socket is read
 * as usual, and a test holds that it is there.
 */
import { Socket } from 'node:net';

/** As much as libuv reads at a time on its own. */
const readBytes = 64 * 1024;
let buffer: Buffer | null = null;

interface AcceptedSocket {
  _handle: object | null;
}

/**
 * The socket to go on with. Its `data` events carry bytes that are valid during the event only; `read()` never
 * gives any.
 *
 * @param accepted paused, and never read from; not to be used any more
 */
export function readsShared(accepted: Socket): Socket {
  const owner = accepted as unknown as AcceptedSocket;
  const handle = owner._handle;
  if (handle === null || typeof handle !== 'object') return accepted;
  buffer ??= Buffer.allocUnsafeSlow(readBytes);
  const socket: Socket = new Socket({
    handle,
    pauseOnCreate: true,
    readable: true,
    writable: true,
    onread: {
      buffer,
      callback: (bytes: number, into: Uint8Array): boolean => {
        const chunk = into as Buffer;
        socket.emit('data', bytes === chunk.length ? chunk : chunk.subarray(0, bytes));
        // A pause in the turn of the first `resume` is undone by what Node had planned then: it ends here.
        return !socket.isPaused();
      },
    },
  } as ConstructorParameters<typeof Socket>[0]);
  // Its listener counts it until it is closed; it has nothing left to close.
  owner._handle = null;
  accepted.destroy();
  return socket;
}
