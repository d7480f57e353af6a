/**
 * What goes wrong and does not end the command: each warning and error of the log carries one of these as `code`, and
 * docs/errors.md says of each what to do. Errors that end a command have theirs in errors.ts.
 */
import type { ErrorCode } from '../errors.js';

export const conditionCodes = [
  // listeners
  'SENDER_REFUSED',
  'CONNECTION_LIMIT',
  'ACCEPT_FAILED',
  'UDP_FAILED',
  'RELP_CLOSED',
  'KERNEL_DROPS',
  'RECEIVE_BUFFER_SMALL',
  'NO_IPV6',
  'CERTIFICATE_NOT_RELOADED',
  'LISTENER_DOWN',
  // outputs
  'CONNECT_FAILED',
  'LOGIN_FAILED',
  'DELIVERY_FAILED',
  'ACK_MISSING',
  'ENTRY_SPLIT',
  'ENTRY_SET_ASIDE',
  'ENTRY_NOT_SET_ASIDE',
  'ENTRY_DROPPED',
  'EVENTS_KEPT',
  'EVENTS_LOST',
  // spool
  'INTAKE_PAUSED',
  'SPOOL_DROPS_OLDEST',
  'SPOOL_WRITE_FAILED',
  'SPOOL_SYNC_FAILED',
  'SPOOL_READ_FAILED',
  'SPOOL_DELETE_FAILED',
  'SPOOL_CURSOR_FAILED',
  'SPOOL_ASIDE_FULL',
  'SPOOL_CURSOR_LOST',
  'SPOOL_SEGMENT_UNREADABLE',
  'SPOOL_SEGMENT_GONE',
  'SPOOL_DAMAGED',
  'SPOOL_EVENTS_MISSING',
  'SPOOL_SIZE_REDUCED',
  'SPOOL_NOT_LOCKED',
  // baseline
  'BASELINE_NOT_SAVED',
  'BASELINE_NOT_COVERED',
  'BASELINE_NOT_RELEARNED',
  'BASELINE_FILE_FAULT',
  'BASELINE_NOT_LOCKED',
  'BASELINE_AWAITED',
  'BASELINE_STUCK',
  // judgement
  'FEED_NOT_JUDGED',
  'EXCLUSION_DEAD',
  // config
  'CONFIG_NOTICE',
  'EXPIRY',
  'RESTART_NEEDED',
  'RELOAD_FAILED',
  // around it
  'ADMIN_DENIED',
  'ADMIN_CONNECTION_LIMIT',
  'ADMIN_FAILED',
  'SERVICE_NOT_NOTIFIED',
  // filter
  'ANSWERS_LOST',
  'MESSAGES_CUT',
  // of stegwatch itself
  'FAULT',
] as const;

export type ConditionCode = (typeof conditionCodes)[number];
export type LogCode = ConditionCode | ErrorCode;
