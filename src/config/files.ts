/** Reads the config and the secrets it names; bounded, so that a wrong path costs no memory. */
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { StegwatchError } from '../errors.js';
import type { ConfigProblem } from './config.js';
import type { Checked } from './settings.js';

const maxSecretBytes = 64 * 1024;
const notRegular = 'it is no regular file, but a pipe, a device or the like';

/** At most `max` + 1 bytes, as below. Takes pipes too: `-c <(…)`. */
function readAtMost(file: string, max: number): Buffer {
  return readOpen(openSync(file, 'r'), max);
}

/**
 * At most `max` + 1 bytes: one more than `max` says that there are more. Throws what the system says,
 * and of what is no regular file: a pipe that nobody writes to would be waited for, for ever.
 */
export function readRegularFile(file: string, max: number): Buffer {
  return readOpen(openSync(file, constants.O_RDONLY | constants.O_NONBLOCK), max, true);
}

function readOpen(descriptor: number, max: number, regular = false): Buffer {
  try {
    const stats = fstatSync(descriptor);
    if (regular && !stats.isFile() && !stats.isDirectory()) throw new Error(notRegular);
    const buffer = Buffer.alloc(max + 1);
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, null);
      length += read;
      if (read === 0 || length === buffer.length) return buffer.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

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

export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : reasons[code]) ?? message;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  // A socket cannot even be opened.
  ENXIO: notRegular,
};
