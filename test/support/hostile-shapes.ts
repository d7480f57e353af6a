/** Frames made to hurt: a start, then one pattern up to a length. Latin-1, so that any byte can be in it. */
import { recordNames } from '../../src/encode/record-names.js';

export type Shape = (bytes: number, start: string) => Buffer;

/** Names that a record gives to what stegwatch says, as they stand and in disguise, and names of objects. */
export const reservedKeys: readonly string[] = [
  ...recordNames,
  ...recordNames.map((name) => name.toUpperCase()),
  ...[
    'ext_alert',
    'ext_ext_alert',
    'Ext_Alert',
    'alert.level',
    'alert_suppressed.by',
    'syslog.hostname',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    'prototype',
    '__PROTO__',
  ],
  ...[
    'ext___proto__',
    '@timestamp',
    'TimeGenerated',
    'AdditionalExtensions',
    'ecs.version',
    'event.id',
  ],
  ...['event.kind', 'rule.name', 'cef.extensions.alert', 'labels', 'tags', 'message'],
];

const filled =
  (unit: string | ((i: number) => string)): Shape =>
  (bytes, start) => {
    const parts = [start];
    for (let length = start.length, i = 0; length < bytes; i++) {
      const part = typeof unit === 'string' ? unit : unit(i);
      parts.push(part);
      length += part.length;
    }
    return Buffer.from(parts.join(''), 'latin1').subarray(0, bytes);
  };

const letters = 'abcdefghijklmnopqrstuvwxyz';

export const shapes: Readonly<Record<string, Shape>> = {
  'equals signs': filled('='),
  backslashes: filled('\\'),
  spaces: filled(' '),
  pipes: filled('|'),
  'per cent signs': filled('%'),
  'high bytes': filled('\xff'),
  'halves of characters': filled('\xc3'),
  'high bytes as values': filled('a=\xe4 '),
  NUL: filled('\0'),
  'line breaks': filled('\r\n'),
  digits: filled('9'),
  'one-letter keys': filled((i) => `${letters[i % 26]}=`),
  'one-letter keys with values': filled((i) => `${letters[i % 26]}=v `),
  'one key again and again': filled('act=x '),
  'one unknown key again and again': filled('zz=x '),
  'keys, all different': filled((i) => `k${i}=v `),
  'numbers that are none': filled('in=x cnt=- '),
  'labels without end': filled((i) => `cs${i}=v cs${i}Label=alert `),
  'labels, all alike': filled((i) => `k${i}=v k${i}Label=Department `),
  'keys with dots': filled((i) => `a.b.c${i}=v `),
  'a long key with dots': filled('a.'),
  'escapes in values': filled('a=\\=\\\\\\n '),
  'reserved keys': filled((i) => `${reservedKeys[i % reservedKeys.length]}=forged `),
  'a long URL': (bytes, start) => filled('x/')(bytes, `${start}request=http://h.example/`),
  'a long URL of escapes': (bytes, start) => filled('%41')(bytes, `${start}request=`),
  'a long host': (bytes, start) => filled('a.')(bytes, `${start}request=x.jpg in=9 dhost=`),
  'a long host of high bytes': (bytes, start) => filled('\xc3\xa4')(bytes, `${start}dhost=`),
  'a long file type': (bytes, start) => filled('Jpeg Files ')(bytes, `${start}fileType=`),
  'times without end': (bytes, start) => filled('9')(bytes, `${start}rt=`),
  'syslog text': filled('<134>1 - '),
  'structured data': (bytes, start) => filled('[a b="\\""]')(bytes, `<134>1 - - - - - ${start}`),
  'CEF in CEF': filled('CEF:0|a|b|1|2|3|4|x=y '),
};
