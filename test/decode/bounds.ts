/** What holds for the table of any frame, whatever its bytes. */
import { type Fields, Header } from '../../src/fields.js';

/** Throws unless all offsets lie within the frame and in order. */
export function assertInBounds(fields: Fields): void {
  const check = (name: string, start: number, end: number): void => {
    const absent = start === 0 && end === 0;
    const inside = fields.start <= start && start <= end && end <= fields.end;
    if (!absent && !inside) {
      throw new Error(`${name} ${start}..${end} outside ${fields.start}..${fields.end}`);
    }
  };
  for (const part of ['host', 'app', 'proc', 'msgId', 'sd', 'message'] as const) {
    check(part, fields[`${part}Start`], fields[`${part}End`]);
  }
  for (const which of Object.values(Header)) {
    check(`header ${which}`, fields.headerStart[which]!, fields.headerEnd[which]!);
  }
  let at = fields.start;
  for (let i = 0; i < fields.count; i++) {
    check(`key ${i}`, fields.keyStart[i]!, fields.keyEnd[i]!);
    check(`value ${i}`, fields.valueStart[i]!, fields.valueEnd[i]!);
    const inOrder = at <= fields.keyStart[i]! && fields.keyEnd[i]! < fields.valueStart[i]!;
    if (!inOrder) throw new Error(`field ${i} is not behind the one before`);
    at = fields.valueEnd[i]!;
  }
  if (fields.count > fields.maxFields) throw new Error('more fields than the table holds');
  if (!Number.isNaN(fields.eventTimeMs) && !Number.isFinite(fields.eventTimeMs)) {
    throw new Error(`time ${fields.eventTimeMs}`);
  }
}
