/**
 * The RELP listener (https://www.rsyslog.com/doc/relp.html): every message is acked, and only once it is
 * stored, so that between sender and receiver of the log nothing is in one place only. See docs/adr/0011.
 */

import type { RelpConfig } from '../../config/config.js';
import type { Counters } from '../../observe/counters.js';
import type { Logger } from '../../observe/log.js';
import { QuietLines } from '../../observe/quiet-lines.js';
import type { Durability, FrameSink } from '../../stages.js';
import type { AllowList } from '../allow-list.js';
import { StreamServer } from '../stream-server.js';
import { AckGroup } from './ack-group.js';
import { RelpConnection } from './relp-connection.js';

export interface RelpInputOptions {
  readonly maxMessageBytes: number;
  readonly allow: AllowList;
  readonly sink: FrameSink;
  readonly durability: Durability;
  readonly counters: Counters;
  readonly log: Logger;
  /** Epoch ms. */
  readonly now?: () => number;
}

export function createRelpInput(config: RelpConfig, options: RelpInputOptions): StreamServer {
  const { now = Date.now, durability, counters } = options;
  const shared = {
    ...options,
    now,
    acks: new AckGroup(durability, counters),
    complaints: new QuietLines(now),
  };
  return new StreamServer({
    ...options,
    protocol: 'relp',
    sharesReads: true,
    limits: config,
    connect: (socket, address, turn) => new RelpConnection(socket, address, turn, shared),
  });
}
