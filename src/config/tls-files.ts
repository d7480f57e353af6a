/**
 * Looks into the PEM files of `forward.fluentd.tls`: what is wrong with them now is a mistake in the
 * config. They are read again for each connection (output/tls-options.ts).
 */
import { isProblems, readTlsFiles } from '../platform/tls-files.js';
import type { ConfigProblem } from './config.js';
import type { Checked } from './settings.js';

/** @param passphrase of the key, already read. Never throws. */
export function tlsProblems({ settings }: Checked, passphrase: string | null): ConfigProblem[] {
  const { tls } = settings.forward.fluentd;
  if (tls === false) return [];
  const { ca = null, cert = null, key = null } = tls;
  const read = readTlsFiles({ ca, cert, key }, passphrase);
  if (!isProblems(read)) return [];
  return read.map(({ file, message }) => ({ path: ['forward', 'fluentd', 'tls', file], message }));
}
