/**
 * Why a connection to a receiver came to nothing, in words for the operator. Never thrown: it is the reason
 * that a connection, or what was on its way, ends with.
 */
import { codeOf } from '../errors.js';

/** How far a connection had come. */
export type Phase = 'connect' | 'login' | 'deliver';

/** A host with several addresses fails with one error that holds those of all. */
export function isRefused(phase: Phase, error: unknown): boolean {
  if (phase !== 'connect') return false;
  return error instanceof AggregateError
    ? error.errors.every((one) => codeOf(one) === 'ECONNREFUSED')
    : codeOf(error) === 'ECONNREFUSED';
}

export interface ConnectionFailure {
  /** Failures of one kind at one server share one line per 10 s in the log. */
  readonly kind: Phase | 'ack';
  /** What happened. */
  readonly error: string;
  /** What to do about it. */
  readonly hint: string;
  /** The receiver ended it (or something on the way did in its name), not a deadline or this process. */
  readonly byReceiver?: boolean;
  /** The host said at once that nobody listens there. */
  readonly refused?: boolean;
}
