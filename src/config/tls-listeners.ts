/** Reads the certificates and keys of `listen.tls`, so that a bad one is a mistake with its place. */
import { isProblems, readTlsFiles, type Validity } from '../platform/tls-files.js';
import type { ConfigProblem } from './config.js';
import type { Path } from './issues.js';
import type { Checked } from './settings.js';

export interface TlsListeners {
  /** By listener. */
  readonly validity: readonly (readonly Validity[])[];
  readonly problems: readonly ConfigProblem[];
}

/** A single listener may be a map, without an index in its path. */
export function listenerPath({ explicit }: Checked, kind: string, index: number): Path {
  const path = ['listen', kind, index];
  return explicit(path) ? path : ['listen', kind];
}

/** Only who listens reads the files: who hunts in old logs need not have the right to. */
export const unreadTlsListeners: TlsListeners = { validity: [], problems: [] };

/** Relative to the working directory. Never throws. */
export function readTlsListeners(checked: Checked): TlsListeners {
  const { settings, sourcePath } = checked;
  const problems: ConfigProblem[] = [];
  const validity = settings.listen.tls.map(({ cert, key, client_ca }, index) => {
    const read = readTlsFiles({ cert, key, ca: client_ca ?? null });
    if (!isProblems(read)) return read.validity;
    for (const { file, message } of read) {
      const place = [...listenerPath(checked, 'tls', index), keys[file]];
      problems.push({ path: sourcePath(place), message });
    }
    return [];
  });
  return { validity, problems };
}

const keys = { cert: 'cert', key: 'key', ca: 'client_ca' } as const;
