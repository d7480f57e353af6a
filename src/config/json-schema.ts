// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the config
/**
 * The schema as JSON Schema (draft 7, which editors understand), for `validate --schema`. It refuses nothing
 * that the loader takes. What the loader refuses beyond it looks at several keys, at files, or at a
 * value in ways that no pattern tells (docs/config.md).
 */
import { z } from 'zod';
import { schema } from './schema.js';

type Json = Record<string, unknown>;

/** A value may hold variables wherever it is no map and no list; what they hold is not known here. */
const variable: Json = {
  type: 'string',
  pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?\\}|\\$\\$\\{',
  description: '${NAME} or ${NAME:-default}: put in from the environment when the config is read',
};
const variableRef: Json = { $ref: '#/definitions/variable' };

export function jsonSchema(): Json {
  const made = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) as Json;
  const { $schema, definitions, ...root } = withVariables(made) as Json;
  return {
    $schema,
    title: 'Configuration of stegwatch',
    description: 'Made by npm run schema from src/config/schema.ts. docs/config.md tells the rest.',
    ...root,
    definitions: { ...(definitions as Json), variable },
  };
}

/** Lets `${NAME}` stand for every value that is no map and no list. */
function withVariables(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withVariables);
  if (typeof node !== 'object' || node === null) return node;
  const given = node as Json;
  if (isScalar(given)) return alternatives(given, [withoutNotes(given)]);
  const walked: Json = {};
  for (const [key, value] of Object.entries(given)) {
    walked[key] = keptAsIs.has(key) ? value : withVariables(value);
  }
  const { anyOf } = given;
  if (!Array.isArray(anyOf) || !anyOf.some(isScalar)) return walked;
  // One alternative for all of them.
  const each = anyOf.map((one: Json) => (isScalar(one) ? one : withVariables(one)));
  return alternatives(walked, each as Json[]);
}

const keptAsIs = new Set(['default', 'enum', 'required', 'propertyNames', 'const']);
const notes = ['description', 'default'];

function alternatives(node: Json, each: readonly Json[]): Json {
  const kept = Object.entries(node).filter(([key]) => notes.includes(key));
  return { ...Object.fromEntries(kept), anyOf: [...each, variableRef] };
}

function withoutNotes(node: Json): Json {
  return Object.fromEntries(Object.entries(node).filter(([key]) => !notes.includes(key)));
}

/** Free text takes variables as it is. */
function isScalar({ type, pattern, enum: words, maxLength }: Json): boolean {
  if (type === 'number' || type === 'integer' || type === 'boolean') return true;
  return type === 'string' && [pattern, words, maxLength].some((limit) => limit !== undefined);
}
