/**
 * Looks into the PEM files that outputs show and trust: what is wrong with them now is a mistake in the
 * config. They are read again for each connection (output/tls-options.ts).
 */
import { isProblems, readTlsFiles } from '../platform/tls-files.js';
import type { ConfigProblem, OutputName } from './config.js';
import type { Checked } from './settings.js';

/** @param passphrase of the key, already read. Never throws. */
export function tlsProblems({ settings }: Checked, passphrase: string | null): ConfigProblem[] {
  const { fluentd, syslog } = settings.forward;
  return [
    ...(fluentd.tls === false ? [] : problemsOf('fluentd', fluentd.tls, passphrase)),
    ...(syslog?.protocol === 'tls' ? problemsOf('syslog', syslog.tls, null) : []),
  ];
}

function problemsOf(
  output: OutputName,
  { ca, cert, key }: { [file in 'ca' | 'cert' | 'key']?: string | undefined },
  passphrase: string | null,
): ConfigProblem[] {
  const files = { ca: ca ?? null, cert: cert ?? null, key: key ?? null };
  const read = readTlsFiles(files, passphrase);
  if (!isProblems(read)) return [];
  return read.map(({ file, message }) => ({ path: ['forward', output, 'tls', file], message }));
}
