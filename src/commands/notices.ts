/** What there is to say of a config that is used all the same. */
import type { Config } from '../config/config.js';
import { exclusionNotices, expiryNotices } from '../config/expiry.js';
import type { Logger } from '../observe/log.js';

/** At the start. @param nowMs of the wall clock */
export function sayNotices(config: Config, nowMs: number, log: Pick<Logger, 'warn'>): void {
  say(expiryNotices(config, nowMs), config, log);
}

/** After a reload: of certificates each listener tells when it reads them anew. */
export function sayReloadNotices(config: Config, nowMs: number, log: Pick<Logger, 'warn'>): void {
  say(exclusionNotices(config, nowMs), config, log);
}

function say(expiry: readonly string[], { notices }: Config, log: Pick<Logger, 'warn'>): void {
  for (const notice of expiry) log.warn({ code: 'EXPIRY' }, notice);
  for (const notice of notices) log.warn({ code: 'CONFIG_NOTICE' }, notice);
}
