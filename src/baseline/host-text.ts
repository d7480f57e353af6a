/**
 * Host names are the sender's text: of any length, with any content. What the baseline keeps of them
 * is bounded here, and is the same before and after a round trip through a file.
 */
import { createHash } from 'node:crypto';

/** Longest name in DNS is 253 (RFC 1035 2.3.4); longer ones are no real hosts but must stay apart. */
export const longestHost = 255;
const keptOfLonger = 200;
const surrogate = /[\ud800-\udfff]/;

/**
 * The host as it is remembered: itself up to 255 UTF-16 units, else its first 200 and a digest of the
 * whole, so that two long ones that begin alike are still two. Lone surrogates, which no file can
 * hold, become U+FFFD.
 */
export function rememberedHost(received: string): string {
  let host = received;
  if (host.length > longestHost) {
    const digest = createHash('sha256').update(host).digest('hex').slice(0, 32);
    host = `${host.slice(0, keptOfLonger)}…${digest}`;
  }
  return surrogate.test(host) ? ownCopy(host) : host;
}

/**
 * A string with its own storage. One cut from a URL or out of a longer name would keep the whole of
 * that alive for as long as the host is remembered.
 */
export function ownCopy(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
