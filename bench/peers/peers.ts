/** Which other programs the bench knows, by name. */
import { fluentBit } from './fluent-bit.js';
import { fluentd } from './fluentd.js';
import type { PeerMode } from './peer.js';
import { rsyslog } from './rsyslog.js';
import { syslogNg } from './syslog-ng.js';

export type { PeerMode };

const all: readonly PeerMode[] = [...rsyslog, ...syslogNg, ...fluentd, ...fluentBit];

export const peerNames: readonly string[] = [...new Set(all.map(({ peer }) => peer))];

/** @param text `rsyslog,syslog-ng/kv`: peers with all their modes, or one mode of one */
export function parsePeers(text: string): readonly PeerMode[] {
  return text.split(',').flatMap((name) => {
    const [peer, mode] = name.split('/');
    const found = all.filter((one) => one.peer === peer && (mode ?? one.mode) === one.mode);
    if (found.length > 0) return found;
    const known = all.map((one) => `${one.peer}/${one.mode}`).join(', ');
    throw new Error(`there is no ${name}; known are ${peerNames.join(', ')}, or ${known}`);
  });
}
