/** The keys that the schema knows, as a list: for unknown keys, altered presets and the docs. */
import { z } from 'zod';
import { schema } from './schema.js';

export interface SchemaKey {
  /** Names from the top, without list indexes: `exclusions.name`. */
  readonly path: string;
  /** The same with lists shown: `exclusions[].name`. */
  readonly label: string;
  readonly name: string;
  /** Path of the map that holds it, '' for the top. */
  readonly parent: string;
  readonly description: string;
  /** As one would write it; undefined if the key has none of its own. */
  readonly default: unknown;
  /** True if the value is a map, or a list of maps, with keys of its own. */
  readonly section: boolean;
}

export const schemaKeys: readonly SchemaKey[] = keysOf(schema, '', '');

function keysOf(type: unknown, parent: string, label: string): SchemaKey[] {
  const map = mapIn(type);
  if (map === null) return [];
  return Object.entries(map.object.shape).flatMap(([name, value]) => {
    const here = {
      path: parent === '' ? name : `${parent}.${name}`,
      label: label === '' ? name : `${label}${map.inList ? '[]' : ''}.${name}`,
    };
    const below = keysOf(value, here.path, here.label);
    const description = value instanceof z.ZodType ? (value.description ?? '') : '';
    const key = { ...here, name, parent, description, default: defaultOf(value) };
    return [{ ...key, section: below.length > 0 }, ...below];
  });
}

/** The map inside a type; `inList` if it can only stand in a list. */
function mapIn(type: unknown): { object: z.ZodObject; inList: boolean } | null {
  if (type instanceof z.ZodObject) return { object: type, inList: false };
  if (type instanceof z.ZodPipe) return mapIn(type.in);
  if (
    type instanceof z.ZodOptional ||
    type instanceof z.ZodNullable ||
    type instanceof z.ZodPrefault
  ) {
    return mapIn(type.unwrap());
  }
  if (type instanceof z.ZodArray) {
    const inner = mapIn(type.element);
    return inner && { ...inner, inList: true };
  }
  if (!(type instanceof z.ZodUnion)) return null;
  return type.options.map(mapIn).find((found) => found !== null) ?? null;
}

function defaultOf(type: unknown): unknown {
  return type instanceof z.ZodPrefault ? type.def.defaultValue : undefined;
}
