/** Reads the config and the secrets it names; bounded, so that a wrong path costs no memory. */
import { isUtf8 } from 'node:buffer';
import { StegwatchError } from '../errors.js';
import { readAtMost, readRegularFile, reason } from '../platform/regular-file.js';
import type { ConfigProblem } from './config.js';
import { isToken, tokenForm } from './schema-admin.js';
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
  readonly adminToken: string | null;
  readonly problems: readonly ConfigProblem[];
}

/** The secrets as given, or from their files (relative to the working directory). Never throws. */
export function readSecrets({ settings }: Checked): Secrets {
  const problems: ConfigProblem[] = [];
  const { fluentd } = settings.forward;
  const { tls } = fluentd;
  const admin = settings.admin === false ? null : settings.admin;
  const secret = (file: string | undefined, path: readonly string[], given?: string) => {
    if (file === undefined) return given ?? null;
    const read = readSecret(file);
    if (typeof read === 'string') return read;
    problems.push({ path, message: read.problem });
    return null;
  };
  const ofFluentd = (key: 'shared_key' | 'password') =>
    secret(fluentd[`${key}_file`], ['forward', 'fluentd', `${key}_file`], fluentd[key]);
  const passphrasePath = ['forward', 'fluentd', 'tls', 'key_passphrase_file'];
  const tokenPath = ['admin', 'token_file'];
  const adminToken = secret(admin?.token_file, tokenPath, admin?.token);
  if (adminToken !== null && !isToken(adminToken)) {
    problems.push({ path: tokenPath, message: `the token in the file ${tokenForm}` });
  }
  return {
    sharedKey: ofFluentd('shared_key'),
    password: ofFluentd('password'),
    keyPassphrase: secret(tls === false ? undefined : tls.key_passphrase_file, passphrasePath),
    adminToken,
    problems,
  };
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
