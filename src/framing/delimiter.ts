/**
 * What ends a message on the wire, whatever the transport: LF, CR LF or NUL (RFC 6587 3.4.2 names LF
 * and says that NUL and CR LF are also seen). None of them is part of the message.
 */
export const LF = 0x0a;
export const CR = 0x0d;
export const NUL = 0x00;

/** The longest delimiter that `withoutDelimiter` takes off: CR LF NUL. */
export const maxDelimiterBytes = 3;

export function isDelimiter(byte: number): boolean {
  return byte === LF || byte === CR || byte === NUL;
}

/** End of `bytes[start, end)` without one trailing NUL, LF, CR LF, or any of them followed by NUL. */
export function withoutDelimiter(bytes: Buffer, start: number, end: number): number {
  let to = end;
  if (to > start && bytes[to - 1] === NUL) to--;
  if (to > start && bytes[to - 1] === LF) to--;
  if (to > start && bytes[to - 1] === CR) to--;
  return to;
}
