/**
 * Where the values of a field come from. A field name stands for one source or several; the field
 * matches if any of its sources does. A source gives every occurrence of its key: text that a
 * device failed to escape can repeat a key (C7), so one occurrence that would not be excluded is
 * enough for the source not to match. Nobody writes himself into an exclusion by adding a second
 * `suser=`.
 */
import { keyId, keys } from '../../dictionary/dictionary.js';
import type { Fields } from '../../fields.js';
import type { EventFacts } from './event-facts.js';
import { type EventIndex, foldName } from './event-index.js';
import { baseName, cutQuery, extensionOf, splitUrl } from './url-parts.js';

export interface Source {
  /** Two sources with the same id read the same values. */
  readonly id: string;
  /**
   * Every occurrence, unescaped; an empty text counts as absent (C19).
   * @param index of the same event
   */
  read(event: EventFacts, index: EventIndex): readonly string[];
}

const nothing: readonly string[] = [];

/** A key of the CEF dictionary, whatever its case in the event. */
export function keySource(key: string): Source {
  const id = keyId(key);
  return { id: key, read: ({ fields }) => occurrences(fields, id) };
}

function occurrences(fields: Fields, id: number): readonly string[] {
  const last = fields.indexOf(id);
  if (last < 0) return nothing;
  if (fields.duplicates === 0) return [fields.value(last)];
  const found: string[] = [];
  for (let i = 0; i < fields.count; i++) {
    if (fields.keyId[i] === id) found.push(fields.value(i));
  }
  return found;
}

/** A key that is not in the dictionary, such as a vendor's own; compared whatever its case. */
export function vendorKeySource(key: string): Source {
  const wanted = foldName(key);
  const known = keys.find((k) => k.id > 0 && k.key.toLowerCase() === wanted);
  if (known) return keySource(known.key);
  return {
    id: `key:${wanted}`,
    read: ({ fields }, index) => index.valuesOfVendorKey(fields, wanted),
  };
}

/** A custom field by the text of its label. */
export function labelSource(label: string): Source {
  const wanted = foldName(label);
  return {
    id: `label:${wanted}`,
    read: ({ fields }, index) => index.valuesOfLabel(fields, wanted),
  };
}

/** A field of the CEF header by its position, one of `Header`. */
export function headerSource(record: string, position: number): Source {
  return { id: record, read: ({ fields }) => [fields.header(position)] };
}

/** Who sent the event: the record's `peer`, `syslog.hostname`, `syslog.app_name`. */
export const peerSource: Source = { id: 'peer', read: ({ fields }) => [fields.peer.address] };
export const hostnameSource: Source = {
  id: 'syslog.hostname',
  read: ({ fields: f }) => [f.bytes.toString('utf8', f.hostStart, f.hostEnd)],
};
export const appNameSource: Source = {
  id: 'syslog.app_name',
  read: ({ fields: f }) => [f.bytes.toString('utf8', f.appStart, f.appEnd)],
};

/** The judged host, and any other that the event names: one that would not be excluded is enough. */
export const hostSource: Source = {
  id: 'judged host',
  read: ({ hosts }) => hosts,
};

export const urlSource: Source = {
  id: 'judged url',
  read: ({ urls }) => urls,
};

/** The alert's `filename`: query string included. */
export const filenameSource: Source = {
  id: 'judged filename',
  read: (event, index) => {
    const names = urlSource.read(event, index).map((url) => url.slice(url.lastIndexOf('/') + 1));
    return [event.filename, ...names];
  },
};

/** Another reading of what a source gives. */
function derived(name: string, from: Source, reading: (value: string) => string): Source {
  return {
    id: `${name} of ${from.id}`,
    read: (event, index) => from.read(event, index).map(reading),
  };
}

export const urlHost = derived('host', urlSource, (url) => splitUrl(url).host);
export const urlPath = derived('path', urlSource, (url) => splitUrl(url).path);
export const urlQuery = derived('query', urlSource, (url) => splitUrl(url).query);

export const withoutQuery = (from: Source): Source => derived('name', from, cutQuery);
export const lastPart = (from: Source): Source => derived('base name', from, baseName);
export const extension = (from: Source): Source =>
  derived('extension', from, (name) => extensionOf(cutQuery(name)));
/** `.jpg` beside `jpg`: analysts write both. */
export const dotted = (from: Source): Source =>
  derived('dot', from, (value) => (value === '' || value.startsWith('.') ? value : `.${value}`));
