/**
 * What later versions bring. Each would change what is judged, forwarded or secured, so it is an
 * error of its own: a config that counts on it must not seem to work.
 */

/** By path without list indexes. */
export const unavailableKeys: ReadonlyMap<string, string> = new Map([
  ['forward.fluentd.servers.weight', 'sharing the load among several servers'],
]);

/** By path without list indexes: values that are not there yet. */
export const unavailableValues: ReadonlyMap<string, readonly string[]> = new Map();

export const notAvailable = 'not available in this version';
