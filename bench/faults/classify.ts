/**
 * What a delivered record is: an event whole, a piece of one (its connection ended within it), or
 * something that nobody sent. Written to files as lines of text:
 *
 *     w 123      event 123, whole          p 123      a piece of event 123
 *     a 123      likewise, as an alert     f          a piece that ends before its number
 *     m text     mangled: the text says how
 */
import {
  commonHead,
  type Expected,
  expectedOf,
  lineOf,
  numberOf,
  type RunIdentity,
} from './events.js';

type FluentdRecord = Readonly<Record<string, unknown>>;

export function classify(run: RunIdentity, record: FluentdRecord): string {
  const number = numberOf(record.externalId);
  if (number === null) return isHeadPiece(run, record) ? 'f' : mangled('no event', record);
  const expected = expectedOf(run, number);
  let whole = true;
  for (const [key, value] of Object.entries(fieldsOf(expected))) {
    if (record[key] === value) continue;
    if (!isPieceOf(lineOf(run, number), record, key)) {
      return mangled(`${key} of ${expected.id}`, record);
    }
    whole = false;
  }
  if (!whole) return `p ${number}`;
  if ('parse_error' in record) return mangled(`${expected.id} is whole`, record);
  const alerts = typeof record.alert === 'object' && record.alert !== null;
  if (alerts !== (expected.kind === 'alert')) return mangled(`alert of ${expected.id}`, record);
  return `${alerts ? 'a' : 'w'} ${number}`;
}

function fieldsOf({ id, host, bytes, url, fileType, agent }: Expected): Record<string, unknown> {
  return {
    externalId: id,
    dhost: host,
    in: bytes,
    requestClientApplication: agent,
    request: url,
    fileType,
  };
}

/** Not there, or what the line has from there on, up to where it was cut: half a key is text too. */
function isPieceOf(line: string, record: FluentdRecord, key: string): boolean {
  const invalid = (record.invalid as FluentdRecord | undefined)?.[key];
  const got = record[key] ?? invalid;
  const from = line.indexOf(`${key}=`) + key.length + 1;
  return got === undefined || line.startsWith(String(got), from);
}

function isHeadPiece(run: RunIdentity, record: FluentdRecord): boolean {
  const { externalId, parse_error: error, message } = record;
  if (typeof externalId === 'string') return /^e\d{0,10}$/.test(externalId) || externalId === '';
  if (typeof error !== 'string') return record.device_vendor === 'Zscaler';
  // What a header leaves of the text, the header taken off or not.
  const text = typeof message === 'string' ? message : '';
  return text.length < 100 && commonHead(run).includes(text);
}

function mangled(what: string, record: FluentdRecord): string {
  return `m ${what}: ${JSON.stringify(record).slice(0, 600)}`;
}
