/** The TCP listener (RFC 6587): one framer per connection. */

import type { TcpConfig } from '../config/config.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import type { FrameSink } from '../stages.js';
import type { AllowList } from './allow-list.js';
import { FramedConnection } from './framed-connection.js';
import { StreamServer } from './stream-server.js';

export interface TcpInputOptions {
  readonly maxMessageBytes: number;
  readonly allow: AllowList;
  readonly sink: FrameSink;
  readonly counters: Counters;
  readonly log: Logger;
  /** Epoch ms. */
  readonly now?: () => number;
}

export function createTcpInput(config: TcpConfig, options: TcpInputOptions): StreamServer {
  const { now = Date.now } = options;
  const shared = { ...options, now, protocol: 'tcp' as const };
  return new StreamServer({
    ...options,
    protocol: 'tcp',
    sharesReads: true,
    limits: config,
    connect: (socket, address, turn) => new FramedConnection(socket, address, turn, shared),
  });
}
