/**
 * The record that an event must become, built the plain way: objects, strings and regular
 * expressions. It shares no code with the encoder but the tables of names and `Fields`' own
 * accessors.
 */
import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { keys } from '../../src/dictionary/dictionary.js';
import { headerNames } from '../../src/dictionary/header-names.js';
import { ecsNames } from '../../src/encode/ecs-names.js';
import { Code } from '../../src/encode/extension-values.js';
import { FieldFlag, type Fields, Header, Problem, parseErrors, Zone } from '../../src/fields.js';
import type { Alert, Verdict } from '../../src/verdict.js';
import { expectedLabels, type Labels } from './expected-labels.js';
import {
  isBadPath,
  type Names,
  type Naming,
  numberIn,
  reserved,
  trimmed,
} from './expected-text.js';
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

const asInCef: Naming = { names: 'cef', resolveLabels: false };

/** All of the record but `event_id`. */
export function expectedRecord(
  fields: Fields,
  verdict: Verdict,
  raw: 'never' | 'alerts' | 'always',
  { names, resolveLabels }: Naming = asInCef,
): Expected {
  const record: Expected = Object.create(null);
  addTime(record, fields, names);
  addHeader(record, fields, names);
  const labels = resolveLabels ? expectedLabels(fields, names) : noLabels;
  const invalid: Expected = Object.create(null);
  if (names === 'commonsecuritylog') addColumns(record, invalid, fields, labels);
  else if (names === 'ecs') addEcs(record, invalid, fields, labels);
  else addExtension(record, invalid, fields, labels);
  if (Object.keys(invalid).length > 0) record.invalid = invalid;
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
  if (verdict.alert !== null) {
    record.alert = typed(verdict.alert);
    if (names === 'ecs') Object.assign(record, ecsOfAlert(verdict.alert));
  }
  if (verdict.suppressed !== null) record.alert_suppressed = typed(verdict.suppressed);
  const line = fields.raw.subarray(fields.rawStart, fields.rawEnd);
  if (fields.repaired) record.raw_base64 = line.toString('base64');
  else if (raw === 'always' || (raw === 'alerts' && verdict.alert !== null)) {
    record.raw = line.toString('utf8');
  }
  return record;
}

const noLabels: Labels = { names: new Map(), dropped: new Set() };
const dayMs = 24 * 3600 * 1000;

function addTime(record: Expected, fields: Fields, names: Names): void {
  const { eventTimeMs, receivedAtMs } = fields;
  const believed = eventTimeMs - receivedAtMs <= 300_000 && receivedAtMs - eventTimeMs <= 8 * dayMs;
  const text = new Date(believed ? eventTimeMs : receivedAtMs).toISOString();
  if (names === 'commonsecuritylog') record.TimeGenerated = text;
  if (names === 'ecs') Object.assign(record, { '@timestamp': text, 'ecs.version': '8.11.0' });
}

function addHeader(record: Expected, fields: Fields, names: Names): void {
  for (const [name, which] of Object.entries(header)) {
    if (fields.headerEnd[which] === 0) continue;
    const { column, ecs } = headerNames.find((one) => one.record === name)!;
    const other = { cef: name, commonsecuritylog: column || name, ecs }[names];
    const text = fields.header(which);
    record[other === 'event.severity' ? 'cef.severity' : other] = text;
    if (other !== 'event.severity') continue;
    const wire = fields.bytes.toString('utf8', fields.headerStart[which], fields.headerEnd[which]);
    const value = numberIn(wire, 'integer');
    if (value !== null) record['event.severity'] = value;
  }
}

/** Indexes of the fields that are forwarded. */
function* forwarded(fields: Fields, labels: Labels): Generator<number> {
  for (let i = 0; i < fields.count; i++) {
    const superseded = fields.flags[i]! & FieldFlag.superseded;
    if (!superseded && !labels.dropped.has(i)) yield i;
  }
}

/** As the sender wrote it. */
function wireOf(fields: Fields, i: number): string {
  return fields.bytes.toString('utf8', fields.valueStart[i]!, fields.valueEnd[i]!);
}

function isLast(fields: Fields, i: number): boolean {
  return fields.indexOf(fields.keyId[i]!) === i;
}

/** Sets the value, typed; or a note in `invalid`; or nothing, where a number is empty. */
function put(
  record: Expected,
  invalid: Expected,
  name: string,
  fields: Fields,
  i: number,
  type: string = keys[fields.keyId[i]!]!.type,
): void {
  if (type === 'string') {
    record[name] = fields.value(i);
    return;
  }
  // Numbers are read as they stand on the wire: one that holds an escape is none.
  const wire = wireOf(fields, i);
  if (trimmed(wire) === '') return;
  const number = numberIn(wire, type);
  if (number === null) invalid[fields.key(i)] = fields.value(i);
  else record[name] = number;
}

function addExtension(record: Expected, invalid: Expected, fields: Fields, labels: Labels): void {
  for (const i of forwarded(fields, labels)) {
    const key = fields.key(i);
    const name = labels.names.get(i) ?? (reserved.test(key) ? `ext_${key}` : key);
    put(record, invalid, name, fields, i);
  }
}

function addColumns(record: Expected, invalid: Expected, fields: Fields, labels: Labels): void {
  const extras: string[] = [];
  for (const i of forwarded(fields, labels)) {
    const { key, column } = keys[fields.keyId[i]!]!;
    const isSecondMessage = key === 'msg' && fields.problem !== Problem.none;
    if (column !== '' && isLast(fields, i) && !isSecondMessage) {
      const type = key === 'deviceDirection' ? 'string' : keys[fields.keyId[i]!]!.type;
      put(record, invalid, column, fields, i, type);
    } else extras.push(`${labels.names.get(i) ?? fields.key(i)}=${fields.value(i)}`);
  }
  if (extras.length > 0) record.AdditionalExtensions = extras.join(';');
}

function addEcs(record: Expected, invalid: Expected, fields: Fields, labels: Labels): void {
  for (const i of forwarded(fields, labels)) {
    const label = labels.names.get(i);
    const key = fields.key(i);
    const other = `cef.extensions.${keyInPath(key)}`;
    const { name, code, inSchema } = ecsNames[fields.keyId[i]!]!;
    const asSent = { as: other, value: fields.value(i) };
    const wire = wireOf(fields, i);
    const text = trimmed(wire);
    const size = /^(in|out)$/i.test(key) ? sizeName(fields, i) : undefined;
    if (label !== undefined) put(record, invalid, `cef.extensions.${label}`, fields, i);
    else if (size !== undefined) put(record, invalid, size, fields, i);
    else if (!inSchema || !isLast(fields, i)) put(record, invalid, other, fields, i);
    else if (code === Code.string) record[name] = fields.value(i);
    else if (code === Code.message) {
      record[fields.problem === Problem.none ? name : other] = fields.value(i);
    } else if (code === Code.direction) {
      const word = ['inbound', 'outbound'][Number(numberIn(wire, 'integer') ?? -1)];
      record[name] = word ?? fields.value(i);
    } else if (code === Code.address) {
      if (isIPv4(text) || (isIPv6(text) && !text.includes('%'))) record[name] = text;
      else if (text !== '') record[asSent.as] = asSent.value;
    } else if (code === Code.time) {
      const ms = numberIn(wire, 'integer') as number | null;
      if (ms !== null && ms >= 1e11 && ms <= 253_402_300_799_999) {
        record[name] = new Date(ms).toISOString();
      } else if (text !== '') record[asSent.as] = asSent.value;
    } else put(record, invalid, name, fields, i);
  }
}

function keyInPath(key: string): string {
  if (key.length > 1024) {
    const hash = createHash('sha256').update(key).digest('hex');
    return `${key.slice(0, 1024).replaceAll('.', ';')};${hash}`;
  }
  return isBadPath(key) ? key.replaceAll('.', ';') : key;
}

function sizeName(fields: Fields, i: number): string | undefined {
  const value = numberIn(wireOf(fields, i), 'integer');
  if (!isLast(fields, i) || value === null || (value as number) < 0) return undefined;
  return fields.key(i).toLowerCase() === 'in' ? 'destination.bytes' : 'source.bytes';
}

function ecsOfAlert(alert: Alert): Expected {
  return {
    'event.kind': 'alert',
    'rule.id': alert.id,
    'rule.name': alert.rule,
    'rule.description': alert.title,
    'threat.framework': 'MITRE ATT&CK',
    'threat.technique.id': ['T1001'],
    'threat.technique.name': ['Data Obfuscation'],
    'threat.technique.subtechnique.id': ['T1001.002'],
    'threat.technique.subtechnique.name': ['Steganography'],
    'threat.tactic.id': ['TA0011'],
    'threat.tactic.name': ['Command and Control'],
  };
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
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isObject) result[key] = typed(value);
    else result[key] = isFraction ? new Float(value) : value;
  }
  return result;
}
