/**
 * What later versions bring. Each would change what is judged, forwarded or secured, so it is an
 * error of its own: a config that counts on it must not seem to work.
 */

/** By path without list indexes. */
export const unavailableKeys: ReadonlyMap<string, string> = new Map([
  ['forward.fluentd.servers.weight', 'sharing the load among several servers'],
]);

export const notAvailable = 'not available in this version';
