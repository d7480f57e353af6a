/** Reads the config and the secrets it names; bounded, so that a wrong path costs no memory. */
import { isUtf8 } from 'node:buffer';
import { StegwatchError } from '../errors.js';
import { readAtMost, readRegularFile, reason } from '../platform/regular-file.js';
import type { ConfigProblem } from './config.js';
import type { Checked } from './settings.js';

const maxSecretBytes = 64 * 1024;
/** Throws `CONFIG_UNREADABLE`. @returns at most `max` + 1 bytes */
export function readConfigFile(file: string, max: number): Buffer {
  try {
    return readAtMost(file, max);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const hint = readHints[code] ?? 'Check the path that is given with -c.';
    throw new StegwatchError('CONFIG_UNREADABLE', `${file}: ${reason(cause)}`, hint, { cause });
  }
}

const readHints: Readonly<Record<string, string>> = {
  ENOENT: 'Check the path that is given with -c; without -c the defaults hold.',
  EACCES: 'Let the user that stegwatch runs as read the file.',
  EISDIR: 'Name the file itself, such as config/stegwatch.yaml.',
};

export interface Secrets {
  readonly sharedKey: string | null;
  readonly password: string | null;
  readonly keyPassphrase: string | null;
  readonly problems: readonly ConfigProblem[];
}

/** The secrets as given, or from their files (relative to the working directory). Never throws. */
export function readSecrets({ settings }: Checked): Secrets {
  const problems: ConfigProblem[] = [];
  const given = settings.forward.fluentd;
  const secret = (key: 'shared_key' | 'password') => {
    const file = given[`${key}_file`];
    if (file === undefined) return given[key] ?? null;
    const read = readSecret(file);
    if (typeof read === 'string') return read;
    problems.push({ path: ['forward', 'fluentd', `${key}_file`], message: read.problem });
    return null;
  };
  const [sharedKey, password] = [secret('shared_key'), secret('password')];
  const passphraseFile = given.tls === false ? undefined : given.tls.key_passphrase_file;
  const read = passphraseFile === undefined ? null : readSecret(passphraseFile);
  if (read === null || typeof read === 'string') {
    return { sharedKey, password, keyPassphrase: read, problems };
  }
  const path = ['forward', 'fluentd', 'tls', 'key_passphrase_file'];
  problems.push({ path, message: read.problem });
  return { sharedKey, password, keyPassphrase: null, problems };
}

function readSecret(file: string): string | { problem: string } {
  try {
    const bytes = readRegularFile(file, maxSecretBytes);
    if (bytes.length > maxSecretBytes) return { problem: 'the file is too large for a secret' };
    if (!isUtf8(bytes)) return { problem: 'the file is not UTF-8 text' };
    const text = bytes.toString('utf8').replace(/\r?\n$/, '');
    return text === '' ? { problem: 'the file is empty' } : text;
  } catch (error) {
    return { problem: `the file cannot be read: ${reason(error)}` };
  }
}
