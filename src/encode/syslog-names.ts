/**
 * Names of syslog facilities and severities (RFC 5424, section 6.2.1; keywords as syslogd uses
 * them).
 */

/** By facility number, PRI >> 3. */
export const facilities: readonly string[] = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news'],
  ...['uucp', 'cron', 'authpriv', 'ftp', 'ntp', 'audit', 'alert', 'clock'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];

/** By severity number, PRI & 7. */
export const severities: readonly string[] = [
  ...['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'],
];
