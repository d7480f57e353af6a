/** What a route answers, and how errors are said. */
import type { ServerResponse } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly type: string;
  /**
   * A function writes by itself and ends the response some day, such as a stream of events. It is not called for
   * HEAD.
   */
  readonly body: string | Buffer | ((response: ServerResponse) => void);
  /** Beside, or instead of, those that every reply has. */
  readonly headers?: Readonly<Record<string, string>>;
}

export const textType = 'text/plain; charset=utf-8';

/** @param value as `JSON.stringify` takes it: what a sender may have chosen is escaped by that */
export function json(status: number, value: unknown): Reply {
  const body = `${JSON.stringify(value, null, 2)}\n`;
  return { status, type: 'application/json; charset=utf-8', body };
}

/** Never holds anything of the request. */
export function failure(
  status: number,
  sentence: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, type: textType, body: `${sentence}\n`, headers };
}

/**
 * Nothing here is for other sites, to be framed, kept or guessed at. A page has to widen the
 * Content-Security-Policy for itself.
 */
export const safeHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};
