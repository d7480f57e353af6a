/** The kernel's buffer for datagrams that we have not read yet: without room, a burst is lost. */

import type { Socket } from 'node:dgram';
import type { Logger } from '../observe/log.js';

/**
 * What a socket was granted, from what the system reports. Linux reports twice the bytes asked for, as
 * it counts its own bookkeeping too (socket(7), SO_RCVBUF).
 */
export function grantedBytes(reported: number, platform: string = process.platform): number {
  return platform === 'linux' ? reported / 2 : reported;
}

/** Asks for `wanted` bytes and says so if there are fewer. */
export function sizeReceiveBuffer(
  socket: Socket,
  listener: string,
  wanted: number,
  log: Logger,
): void {
  try {
    socket.setRecvBufferSize(wanted);
  } catch (err) {
    // Linux grants what it can; others refuse what is too much and leave the buffer as it was.
    log.debug({ listener, err }, 'setting the receive buffer failed');
  }
  const granted = grantedBytes(socket.getRecvBufferSize());
  if (granted >= wanted) return;
  log.warn(
    { code: 'RECEIVE_BUFFER_SMALL', listener, wantedBytes: wanted, grantedBytes: granted },
    `the kernel granted a receive buffer of ${granted} bytes, not the ${wanted} of ` +
      `listen.udp.receive_buffer, so bursts may be lost: raise net.core.rmem_max ` +
      `(sysctl -w net.core.rmem_max=${wanted}) and start again`,
  );
}
