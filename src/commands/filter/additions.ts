/** The fields that are added to a record, or to a message of rsyslog: those of the record of docs/record.md. */
import { mapSize, valueEnd } from '../../encode/msgpack-walk.js';
import type { Counters } from '../../observe/counters.js';
import type { Judge } from './judge.js';
import type { OwnNames } from './own-names.js';

const parseError = Buffer.from('parse_error', 'latin1');

/** Offsets in `judge.record`, found anew for each event and kept in reused arrays. */
export class Additions {
  readonly #counters: Counters;
  count = 0;
  /** The name with its header begins at `start[n]`, the value at `value[n]`, and ends at `end[n]`. */
  readonly start: number[] = [];
  readonly value: number[] = [];
  readonly end: number[] = [];

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /**
   * Of what is not CEF only `parse_error`: whatever it is, it is not ours to take apart.
   * @param own names that the record has already; null: none
   */
  find({ record, recordStart, recordEnd, fields }: Judge, own: OwnNames | null): void {
    this.count = 0;
    const names = mapSize(record, recordStart);
    let at = recordStart + mapHeaderBytes(record, recordStart);
    for (let n = 0; n < names && at < recordEnd; n++) {
      const value = valueEnd(record, at);
      const end = valueEnd(record, value);
      const nameStart = at + nameHeaderBytes(record[at]!);
      if (!fields.isCef && !isParseError(record, nameStart, value)) {
        // Left out.
      } else if (own?.has(record, nameStart, value)) {
        this.#counters.filter_fields_kept_out++;
      } else {
        this.start[this.count] = at;
        this.value[this.count] = value;
        this.end[this.count] = end;
        this.count++;
      }
      at = end;
    }
  }
}

function isParseError(bytes: Buffer, start: number, end: number): boolean {
  return (
    end - start === parseError.length && bytes.compare(parseError, 0, undefined, start, end) === 0
  );
}

/** The encoder leaves room for the header before it knows the number of fields. */
function mapHeaderBytes(bytes: Buffer, at: number): number {
  return bytes[at]! < 0x90 ? 1 : 3;
}

function nameHeaderBytes(type: number): number {
  if (type < 0xc0) return 1;
  return type === 0xd9 ? 2 : 3;
}
