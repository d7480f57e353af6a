/** What an event says, as its feed's profile reads it: the first steps of an explanation. */
import type { Config } from '../../config/config.js';
import { formatSize } from '../../config/units.js';
import { hostKeyFor } from '../../detect/event/host.js';
import { JpegTestResult } from '../../detect/event/jpeg.js';
import type { JpegEvent, Side } from '../../detect/event/jpeg-event.js';
import { judgedValues } from '../../detect/event/judged-fields.js';
import { sizeAt } from '../../detect/event/size.js';
import { keyId } from '../../dictionary/dictionary.js';
import { facilities, severities } from '../../encode/syslog-names.js';
import type { Feed, FeedProfile, FieldRef } from '../../feed.js';
import { type Fields, Header, Problem, parseErrors, Zone } from '../../fields.js';
import { countOf } from '../../observe/counted.js';
import type { JpegFacts } from './trace.js';
import {
  anyOf,
  bounded,
  fieldFact,
  fieldInWords,
  moment,
  momentInWords,
  quote,
  sizeInWords,
  type Told,
} from './words.js';

const rtId = keyId('rt');

export function tellParsed(fields: Fields, { listen }: Config): Told {
  const { isCef, problem, pri, rawStart, rawEnd, originalLength, duplicates } = fields;
  const header = {
    vendor: fields.header(Header.vendor),
    product: fields.header(Header.product),
    name: fields.header(Header.name),
  };
  const syslog = {
    priority: pri < 0 ? '' : `${facilities[pri >> 3]}.${severities[pri & 7]}`,
    hostname: textBetween(fields, fields.hostStart, fields.hostEnd),
    app_name: textBetween(fields, fields.appStart, fields.appEnd),
  };
  const lines = [
    isCef
      ? `CEF of vendor ${quote(header.vendor)}, product ${quote(header.product)}: ` +
        `${quote(header.name)}, ${countOf(fields.count, 'field')}`
      : 'not CEF',
    syslogInWords(syslog),
  ];
  if (problem !== Problem.none) lines.push(`parse_error: ${parseErrors[problem]}`);
  if (fields.truncated) {
    lines.push(
      `cut: ${countOf(originalLength, 'byte')} came, ${countOf(rawEnd - rawStart, 'byte')} ` +
        `are kept (listen.max_message: ${formatSize(listen.maxMessageBytes)})`,
    );
  }
  if (fields.repaired) lines.push('not valid UTF-8: bad bytes are read as U+FFFD');
  if (duplicates > 0) lines.push(`${countOf(duplicates, 'field')} with a key that came before`);
  return {
    lines,
    facts: {
      cef: isCef,
      ...(isCef ? boundedAll(header) : {}),
      fields: isCef ? fields.count : 0,
      duplicate_keys: duplicates,
      parse_error: parseErrors[problem],
      syslog: boundedAll(syslog),
      bytes: rawEnd - rawStart,
      original_length: originalLength,
      truncated: fields.truncated,
    },
  };
}

export interface Moment {
  readonly atMs: number;
  /** Why this one. */
  readonly why: string;
  /** The event's own time is that of the syslog header, though it has an `rt`. */
  readonly rtUnread: boolean;
}

export function tellTime(fields: Fields, { atMs, why, rtUnread }: Moment, feed: Feed | null): Told {
  const { eventTimeMs, zone } = fields;
  const rt = fields.isCef ? fields.indexOf(rtId) : -1;
  const known = !Number.isNaN(eventTimeMs);
  const from = rt >= 0 && !rtUnread ? fieldInWords(fields, rt) : 'the stamp of its syslog header';
  const zones: Readonly<Record<number, string>> = {
    [Zone.explicit]: 'no zone was missing',
    [Zone.dtz]: 'its zone from dtz',
    [Zone.feed]: `its zone, ${feed?.profile.timezone ?? ''}, from the feed`,
    [Zone.assumed]: 'no zone anywhere: UTC is assumed',
  };
  const lines = [`judged as at ${momentInWords(atMs)}: ${why}`];
  if (rt >= 0 && rtUnread) lines.push(`${fieldInWords(fields, rt)} cannot be read as a time`);
  lines.push(
    known
      ? `its own time is ${momentInWords(eventTimeMs)}, from ${from}; ${zones[zone]}`
      : 'it tells no time of its own',
  );
  const words = ['explicit', 'dtz', 'feed', 'assumed'];
  return {
    lines,
    facts: {
      judged_at: moment(atMs),
      why,
      event_time: moment(eventTimeMs),
      zone: known ? words[zone] : null,
    },
  };
}

type Role = Exclude<keyof FeedProfile, 'timezone' | 'judge' | 'origin'>;
const roles: readonly (readonly [Role, string])[] = [
  ['url', 'url'],
  ['fileType', 'file_type'],
  ['received', 'received'],
  ['sent', 'sent'],
  ['host', 'host'],
  ['method', 'method'],
  ['status', 'status'],
  ['action', 'action'],
];
const origins = {
  config: 'from the config (feeds)',
  shipped: 'from the table that ships',
  default: 'the default one, since none names this feed',
} as const;

export function tellFeed(fields: Fields, { name, profile }: Feed, mostSuspicious: boolean): Told {
  const rows = roles.map(([role, word]) => {
    const refs = profile[role];
    return { word, refs, found: judgedValues(fields, refs, mostSuspicious) };
  });
  return {
    lines: [
      `${quote(name)}; its profile is ${origins[profile.origin]}`,
      ...(profile.judge ? [] : ['judge: false: nothing of it is judged or learned']),
      ...rows.map(({ word, refs, found }) => `  ${word}: ${fieldWords(fields, refs, found)}`),
    ],
    facts: {
      name,
      profile: profile.origin,
      judge: profile.judge,
      timezone: profile.timezone,
      reads: Object.fromEntries(
        rows.map(({ word, refs, found }) => [
          word,
          {
            fields: refs.map((ref) => ref.name),
            found: found.map((index) => fieldFact(fields, index)),
          },
        ]),
      ),
    },
  };
}

function fieldWords(fields: Fields, refs: readonly FieldRef[], found: readonly number[]): string {
  if (refs.length === 0) return 'no field of this feed carries it';
  const names = anyOf(refs.map((ref) => ref.name));
  if (found.length === 0) return `reads ${names}; the event has none`;
  const values = found.slice(0, 3).map((index) => fieldInWords(fields, index));
  const more = found.length > 3 ? ` and ${found.length - 3} more` : '';
  return `${values.join(', ')}${more}`;
}

export function tellJpeg(fields: Fields, jpeg: JpegFacts, { detection }: Config): Told {
  const { result, bySuffix, byType, urlIndex, typeIndex } = jpeg;
  const url = urlIndex < 0 ? 'it has no URL' : `the URL ${quote(fields.trimmed(urlIndex))}`;
  const type = typeIndex < 0 ? '' : quote(fields.trimmed(typeIndex));
  const reasons = [
    ...(bySuffix === '' ? [] : [`the URL ends in ${bySuffix}`]),
    ...(byType === '' ? [] : [`the file type is ${type}`]),
  ];
  const { urlSuffixes, fileTypes } = detection.jpeg;
  const lines: Readonly<Record<JpegTestResult, () => readonly string[]>> = {
    [JpegTestResult.notJpeg]: () => [
      `no: ${url}${urlIndex < 0 ? '' : ` does not end in ${anyOf(urlSuffixes)}`}`,
      `no: ${type === '' ? 'it has no file type' : `the file type ${type}`}` +
        `${type === '' ? '' : ` is not ${anyOf(fileTypes.map(quote))}`}`,
    ],
    [JpegTestResult.noUrl]: () => [
      `by its type: ${reasons.join(', and ')}; without a URL it is neither judged nor learned`,
    ],
    [JpegTestResult.judgedOnly]: () => [
      `yes: ${reasons.join(', and ')}`,
      `judged but not learned: the lookback counts ${quote(byType)} only as it is spelled there`,
    ],
    [JpegTestResult.judgedAndLearned]: () => [`yes: ${reasons.join(', and ')}`],
  };
  const words = ['not_jpeg', 'no_url', 'judged_only', 'judged_and_learned'];
  return {
    lines: lines[result](),
    facts: { result: words[result], url_suffix: bySuffix, file_type: byType },
  };
}

export function tellDirection(fields: Fields, event: JpegEvent, { detection }: Config): Told {
  const { direction, mostSuspicious } = detection;
  const sides = event.sides.map((side) => side.direction);
  const method = judgedValues(fields, event.feed.profile.method, mostSuspicious);
  const why =
    method.length > 0
      ? `its method is ${quote(fields.trimmed(method.at(-1)!))}, not POST, PUT or PATCH`
      : 'it has no method, and no more was sent than received';
  const upload =
    direction === 'download'
      ? []
      : sides.includes('upload')
        ? [method.length > 0 ? `an upload by ${fieldInWords(fields, method.at(-1)!)}` : sentMore]
        : [`no upload: ${why}`];
  return {
    lines: [`${sides.join(' and ') || 'none'} (direction: ${direction})`, ...upload],
    facts: { sides },
  };
}

const sentMore = 'an upload: it has no method, and more was sent than received';

export function tellSkip({ sides }: JpegEvent): Told {
  const lines = sides.map(({ direction, skip }) =>
    skip === null
      ? `${direction}: not skipped`
      : `${direction}: skipped by its ${skip.by} ${quote(skip.value)}: neither judged nor learned`,
  );
  const facts = sides.map(({ direction, skip }) => [
    direction,
    skip && { by: skip.by, value: bounded(skip.value) },
  ]);
  return { lines, facts: Object.fromEntries(facts) };
}

export function tellSizes(fields: Fields, event: JpegEvent, mostSuspicious: boolean): Told {
  const told = event.sides.map((side) => {
    const refs = refsOf(event, side);
    const from = judgedValues(fields, refs, mostSuspicious).find(
      (index) => sizeAt(fields, index) === side.bytes,
    );
    const words =
      from === undefined
        ? missingSize(fields, event, side, mostSuspicious)
        : `${sizeInWords(side.bytes)}, from ${fieldInWords(fields, from)}`;
    const fact = {
      bytes: Number.isNaN(side.bytes) ? null : side.bytes,
      key: from === undefined ? null : bounded(fields.key(from)),
      zero_counts_as_missing: side.zero,
    };
    return { direction: side.direction, words, fact };
  });
  return {
    lines: told.map(({ direction, words }) => `${direction}: ${words}`),
    facts: Object.fromEntries(told.map(({ direction, fact }) => [direction, fact])),
  };
}

/** Why there is no size, and where the event may have one. */
export function missingSize(
  fields: Fields,
  event: JpegEvent,
  side: Side,
  mostSuspicious: boolean,
): string {
  const refs = refsOf(event, side);
  const found = judgedValues(fields, refs, mostSuspicious);
  const first = found[0];
  if (side.zero) return `missing: ${fieldInWords(fields, first!)} counts as missing (zero_bytes)`;
  if (first !== undefined) return `missing: ${fieldInWords(fields, first)} is no number of bytes`;
  const names = refs.map((ref) => ref.name);
  const reads =
    names.length === 0
      ? "the feed's profile knows no field for it"
      : `the feed's profile reads ${anyOf(names)}`;
  const others = sizesElsewhere(fields);
  return others.length === 0
    ? `missing: ${reads}, and the event has none`
    : `missing: ${reads}, the event has ${others.join(', ')}`;
}

/** Fields that hold a number and are named like one of bytes. */
function sizesElsewhere(fields: Fields): readonly string[] {
  const found: string[] = [];
  for (let index = 0; index < fields.count && found.length < 3; index++) {
    if (Number.isNaN(sizeAt(fields, index))) continue;
    const key = fields.key(index);
    if (!/^(in|out|fsize)$|byte|size|length/i.test(key)) continue;
    found.push(fieldInWords(fields, index));
  }
  return found;
}

export function tellHost(event: JpegEvent, { detection }: Config): Told {
  const { hosts, hostFrom } = event;
  const keyOf = hostKeyFor(detection);
  const known = hosts.map((host) => ({ host: bounded(host), known_by: bounded(keyOf(host)) }));
  const kind =
    detection.newSource === 'registrable_domain' ? 'its registrable domain' : 'its host name';
  const looked = [
    ...event.feed.profile.host.map((ref) => ref.name),
    ...(detection.hostFallback ? ['the URL', 'dst'] : []),
  ];
  const lines =
    hosts.length === 0
      ? [`none: looked for in ${looked.join(', ') || 'no field'}`]
      : hosts.slice(0, 5).map((host) => {
          const key = keyOf(host);
          const from = hostFrom === 'URL' ? 'the URL' : hostFrom.slice(0, 100);
          return `${quote(host)} from ${from}, known by ${kind} ${quote(key)}`;
        });
  const several =
    hosts.length > 1
      ? [`its key came ${hosts.length} times: the least known of the hosts is judged`]
      : [];
  return {
    lines: [...lines, ...several],
    facts: { from: bounded(hostFrom), hosts: known.slice(0, 20), number: hosts.length },
  };
}

function refsOf({ feed: { profile } }: JpegEvent, { direction }: Side): readonly FieldRef[] {
  return direction === 'download' ? profile.received : profile.sent;
}

function textBetween({ bytes }: Fields, start: number, end: number): string {
  return bytes.toString('utf8', start, end);
}

function boundedAll(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, bounded(text)]));
}

function syslogInWords(syslog: Readonly<Record<string, string>>): string {
  const parts = Object.entries(syslog).filter(([, text]) => text !== '');
  if (parts.length === 0) return 'no syslog header';
  const words = parts.map(([key, text]) =>
    key === 'priority'
      ? `priority ${text}`
      : `${key === 'hostname' ? 'host' : 'app'} ${quote(text)}`,
  );
  return `syslog header: ${words.join(', ')}`;
}
