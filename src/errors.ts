/**
 * Errors for people: a code that docs/errors.md explains, a sentence that says what is wrong, and a
 * hint that says what to do. Only the control plane (start, config, files) throws; a bad event never does.
 */
export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'CONFIG_UNREADABLE'
  | 'LISTEN_FAILED'
  | 'CERTIFICATE_UNUSABLE'
  | 'BASELINE_UNUSABLE'
  | 'BASELINE_IN_USE'
  | 'SPOOL_UNUSABLE'
  | 'INPUT_UNREADABLE'
  | 'OUTPUT_UNUSABLE'
  | 'ADMIN_UNREACHABLE'
  | 'NOTHING_TO_LEARN';

/** Exit codes after sysexits.h. */
export const exitCodes: Readonly<Record<ErrorCode, number>> = {
  CONFIG_INVALID: 78,
  CONFIG_UNREADABLE: 78,
  LISTEN_FAILED: 69,
  CERTIFICATE_UNUSABLE: 78,
  BASELINE_UNUSABLE: 73,
  BASELINE_IN_USE: 75,
  SPOOL_UNUSABLE: 73,
  INPUT_UNREADABLE: 66,
  OUTPUT_UNUSABLE: 73,
  NOTHING_TO_LEARN: 65,
  ADMIN_UNREACHABLE: 69,
};

export class StegwatchError extends Error {
  override readonly name = 'StegwatchError';
  readonly code: ErrorCode;
  /** What to do about it; '' if the message says it all. */
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint = '', options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }

  get exitCode(): number {
    return exitCodes[this.code];
  }
}

/** What the system, or anybody, says of what went wrong. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Its code, such as `ENOENT`; '' without one. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return code === undefined ? '' : String(code);
}
