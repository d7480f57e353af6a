/** Lines of downloads and uploads, each with its own time, for tests of both directions. */

import type { Direction } from '../../src/verdict.js';
import { writeCef } from '../support/cef-writer.js';

export interface TwoWayEvent {
  readonly id: number;
  readonly atMs: number;
  readonly direction: Direction;
  readonly host: string;
  readonly bytes: number;
}

export function twoWayLine({ id, atMs, direction, host, bytes }: TwoWayEvent): string {
  const isUpload = direction === 'upload';
  const header = ['0', 'Acme', 'Proxy', '1', 'web', 'web access', '3'];
  const extension = [
    ['rt', `${atMs}`],
    ['externalId', `${id}`],
    ['requestMethod', isUpload ? 'POST' : 'GET'],
    ['dhost', host],
    ['in', isUpload ? '512' : `${bytes}`],
    ['out', isUpload ? `${bytes}` : '512'],
    ['request', `https://${host}/x.jpg`],
    ['fileType', 'Jpeg Files'],
  ] as const;
  return `<134>1 - proxy - - - - ${writeCef({ header, extension })}`;
}

/** A week of hours before `untilMs`, each with five downloads and three uploads, of hosts that stay. */
export function twoWayHistory(untilMs: number): readonly string[] {
  const msPerHour = 3_600_000;
  return Array.from({ length: 7 * 24 }, (_, hour) => untilMs - (7 * 24 - hour) * msPerHour).flatMap(
    (hourMs) =>
      Array.from({ length: 8 }, (_, i) =>
        twoWayLine({
          id: 0,
          atMs: hourMs + i * 1000,
          direction: i < 5 ? 'download' : 'upload',
          host: `known${i}.example`,
          bytes: 40_000 + i * 7_000,
        }),
      ),
  );
}
