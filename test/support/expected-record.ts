/**
 * The record that an event must become, built the plain way: objects, strings and regular
 * expressions. It shares no code with the encoder but the table of keys and `Fields`' own
 * accessors.
 */
import { keys } from '../../src/dictionary/dictionary.js';
import { FieldFlag, type Fields, Header, Problem, parseErrors, Zone } from '../../src/fields.js';
import type { Verdict } from '../../src/verdict.js';
import { Float } from './msgpack.js';

export type Expected = { [key: string]: unknown };

const header = {
  cef_version: Header.version,
  device_vendor: Header.vendor,
  device_product: Header.product,
  device_version: Header.deviceVersion,
  device_event_class_id: Header.classId,
  name: Header.name,
  severity: Header.severity,
};

const facilities =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock ' +
  'local0 local1 local2 local3 local4 local5 local6 local7';
const severities = 'emerg alert crit err warning notice info debug';

const ownNames =
  'device_vendor device_product device_version device_event_class_id name severity cef_version ' +
  'invalid syslog peer event_id received_at event_time zone_assumed parse_error message raw ' +
  'raw_base64 truncated original_length alert alert_suppressed __proto__';
const reserved = new RegExp(`^(ext_)*(${ownNames.replaceAll(' ', '|')})$`, 'i');

/** All of the record but `event_id`. */
export function expectedRecord(
  fields: Fields,
  verdict: Verdict,
  raw: 'never' | 'alerts' | 'always',
): Expected {
  const record: Expected = Object.create(null);
  for (const [name, which] of Object.entries(header)) {
    if (fields.headerEnd[which] !== 0) record[name] = fields.header(which);
  }
  addExtension(record, fields);
  addSyslog(record, fields);
  if (fields.peer.address !== '-') record.peer = fields.peer.address;
  record.received_at = new Date(fields.receivedAtMs).toISOString();
  if (!Number.isNaN(fields.eventTimeMs)) {
    record.event_time = new Date(fields.eventTimeMs).toISOString();
    if (fields.zone === Zone.assumed) record.zone_assumed = true;
  }
  if (fields.problem !== Problem.none) {
    record.parse_error = parseErrors[fields.problem];
    record.message = fields.bytes.toString('utf8', fields.messageStart, fields.messageEnd);
  }
  if (fields.truncated) {
    record.truncated = true;
    record.original_length = fields.originalLength;
  }
  if (verdict.alert !== null) record.alert = typed(verdict.alert);
  if (verdict.suppressed !== null) record.alert_suppressed = typed(verdict.suppressed);
  const line = fields.raw.subarray(fields.rawStart, fields.rawEnd);
  if (fields.repaired) record.raw_base64 = line.toString('base64');
  else if (raw === 'always' || (raw === 'alerts' && verdict.alert !== null)) {
    record.raw = line.toString('utf8');
  }
  return record;
}

function addExtension(record: Expected, fields: Fields): void {
  const invalid: Expected = Object.create(null);
  for (let i = 0; i < fields.count; i++) {
    if (fields.flags[i]! & FieldFlag.superseded) continue;
    const key = fields.key(i);
    const name = reserved.test(key) ? `ext_${key}` : key;
    const value = fields.value(i);
    const { type } = keys[fields.keyId[i]!]!;
    if (type === 'string') {
      record[name] = value;
      continue;
    }
    // Numbers are read as they stand on the wire: one that holds an escape is none.
    const wire = fields.bytes.toString('utf8', fields.valueStart[i]!, fields.valueEnd[i]!);
    const text = wire.replace(/^[\t-\r ]+|[\t-\r ]+$/g, '');
    if (text === '') continue;
    const shape = type === 'integer' ? /^[-+]?\d+$/ : /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
    const number = Number(text);
    const fits = type === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number);
    if (!shape.test(text) || !fits) invalid[name] = value;
    else record[name] = type === 'integer' ? number + 0 : new Float(number);
  }
  if (Object.keys(invalid).length > 0) record.invalid = invalid;
}

function addSyslog(record: Expected, fields: Fields): void {
  const syslog: Expected = Object.create(null);
  if (fields.pri >= 0) {
    syslog.facility = facilities.split(' ')[fields.pri >> 3];
    syslog.severity = severities.split(' ')[fields.pri & 7];
  }
  const parts = [
    ['hostname', fields.hostStart, fields.hostEnd],
    ['app_name', fields.appStart, fields.appEnd],
    ['proc_id', fields.procStart, fields.procEnd],
    ['msg_id', fields.msgIdStart, fields.msgIdEnd],
    ['structured_data', fields.sdStart, fields.sdEnd],
  ] as const;
  for (const [name, start, end] of parts) {
    if (end > start) syslog[name] = fields.bytes.toString('utf8', start, end);
  }
  if (Object.keys(syslog).length > 0) record.syslog = syslog;
}

/** An alert as it must read: without a prototype, fractions as floats. */
function typed(object: object): Expected {
  const result: Expected = Object.create(null);
  for (const [key, value] of Object.entries(object)) {
    const isFraction = ['ratio', 'percentile', 'threshold_bytes'].includes(key);
    result[key] = isFraction ? new Float(value) : value;
  }
  return result;
}
