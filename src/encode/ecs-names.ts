/**
 * Where the keys of the dictionary go in a record with names of the Elastic Common Schema (ECS
 * 8.11, elastic.co/guide/en/ecs/8.11). Only names that the schema has, with values that are of its
 * type and mean what it says; all else is `cef.extensions.<key>`. No two keys share a name.
 */
import { type Key, keys } from '../dictionary/dictionary.js';
import { Code, typeCodes } from './extension-values.js';

export const ecsVersion = '8.11.0';
export const ecsPrefix = 'cef.extensions.';

/**
 * Keys whose ECS name in the dictionary (that of Elastic's CEF codec) is one of the schema, and
 * true to it. (`outcome` is not: proxies send HTTP statuses, and the schema allows three words.)
 */
// biome-ignore format: a list of words.
const inSchema: ReadonlySet<string> = new Set([
  'act', 'app', 'destinationDnsDomain', 'destinationTranslatedAddress', 'destinationTranslatedPort',
  'deviceDirection', 'deviceExternalId', 'deviceInboundInterface', 'deviceOutboundInterface',
  'deviceProcessName', 'dhost', 'dmac', 'dpriv', 'dpt', 'dst', 'dtz', 'duid', 'duser', 'dvc',
  'dvchost', 'dvcmac', 'dvcpid', 'end', 'fileCreateTime', 'fileId', 'fileModificationTime',
  'filePath', 'fname', 'fsize', 'msg', 'proto', 'reason', 'request',
  'requestClientApplication', 'requestContext', 'requestMethod', 'shost', 'smac',
  'sourceDnsDomain', 'sourceTranslatedAddress', 'sourceTranslatedPort', 'spriv', 'spt', 'src',
  'start', 'suid', 'suser', 'ahost', 'aid', 'art', 'at', 'av', 'customerExternalID', 'customerURI',
  'eventId', 'rawEvent', 'mrt',
]);
/** Types of the schema that are not those of the dictionary. */
const schemaCodes: ReadonlyMap<string, Code> = new Map([
  ...['destinationTranslatedAddress', 'dst', 'dvc', 'sourceTranslatedAddress', 'src'].map(
    (key) => [key, Code.address] as const,
  ),
  ...['art', 'end', 'fileCreateTime', 'fileModificationTime', 'mrt', 'start'].map(
    (key) => [key, Code.time] as const,
  ),
  ['deviceDirection', Code.direction],
  ['eventId', Code.string],
  ['msg', Code.message],
]);

export interface EcsName {
  readonly name: string;
  readonly code: Code;
  /** False: it stands under `cef.extensions.`. */
  readonly inSchema: boolean;
}

/** By dictionary id; entry 0 stands for what is not in it. */
export const ecsNames: readonly EcsName[] = keys.map(nameOf);

function nameOf({ id, key, ecs }: Key): EcsName {
  if (id === 0) return { name: '', code: Code.extra, inSchema: false };
  if (!inSchema.has(key)) {
    return { name: `${ecsPrefix}${key}`, code: typeCodes[id]!, inSchema: false };
  }
  return { name: ecs, code: schemaCodes.get(key) ?? typeCodes[id]!, inSchema: true };
}
