/**
 * Where CEF begins: at the first `CEF:` that is followed by a version and a pipe, whatever stands
 * before it (C27, C33). `CEF: 0|` is real: rsyslog took `CEF:` for a tag and put a blank behind it
 * (C26). It may be glued to what precedes, as in `hostCEF:0|`, where a relay lost a blank; but not
 * to a `=`: that is CEF inside a field of something else.
 */
import { Byte, digitsEnd } from './bytes.js';

const { COLON, DOT, EQUALS, PIPE, SPACE, TAB } = Byte;

const C = 0x43;
const E = 0x45;
const F = 0x46;

/**
 * Offset of the `C` of the first CEF in `[at, end)`, or -1. Linear: a false start is not read
 * again.
 */
export function findCef(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    if (bytes[i] !== C) continue;
    if (isCef(bytes, i, end) && (i === at || bytes[i - 1] !== EQUALS)) return i;
  }
  return -1;
}

/** `CEF:`, blanks, a version and a pipe begin at `at`. */
export function isCef(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at] !== C || bytes[at + 1] !== E || bytes[at + 2] !== F || bytes[at + 3] !== COLON) {
    return false;
  }
  const version = versionStart(bytes, at, end);
  const next = versionEnd(bytes, version, end);
  return next > version && next < end && bytes[next] === PIPE;
}

/**
 * A relay took `CEF:` for the tag and wrote it as APP-NAME: rsyslog's
 * RSYSLOG_SyslogProtocol23Format makes `… host CEF - - - 0|Vendor|…` of a line that was CEF in RFC
 * 3164.
 */
export function isSplitCef(
  bytes: Uint8Array,
  app: number,
  appEnd: number,
  message: number,
  end: number,
): boolean {
  if (appEnd - app !== 3) return false;
  if (bytes[app] !== C || bytes[app + 1] !== E || bytes[app + 2] !== F) return false;
  const next = versionEnd(bytes, message, end);
  return next > message && next < end && bytes[next] === PIPE;
}

/** First byte of the version of the CEF that begins at `at`. */
export function versionStart(bytes: Uint8Array, at: number, end: number): number {
  let i = at + 4;
  while (i < end && (bytes[i] === SPACE || bytes[i] === TAB)) i++;
  return i;
}

/** End of `0`, `26`, `1.0`. */
export function versionEnd(bytes: Uint8Array, version: number, end: number): number {
  const next = digitsEnd(bytes, version, end);
  if (next === version || next === end || bytes[next] !== DOT) return next;
  const minor = digitsEnd(bytes, next + 1, end);
  return minor > next + 1 ? minor : next;
}
