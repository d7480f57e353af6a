/** What there is to say of a config that is used all the same. */
import type { Config } from '../config/config.js';
import { expiryNotices } from '../config/expiry.js';
import type { Logger } from '../observe/log.js';

/** @param nowMs of the wall clock */
export function sayNotices(config: Config, nowMs: number, log: Pick<Logger, 'warn'>): void {
  for (const notice of expiryNotices(config, nowMs)) log.warn({ code: 'EXPIRY' }, notice);
  for (const notice of config.notices) log.warn({ code: 'CONFIG_NOTICE' }, notice);
}
