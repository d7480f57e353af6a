/**
 * YAML nodes to plain values: maps without a prototype, lists, scalars. Variables are put in here, after
 * parsing, so that none can add a key or a list item.
 */
import { type Alias, isAlias, isMap, isScalar, isSeq, type Scalar, type YAMLMap } from 'yaml';
import { quote, secretKeys } from './config-error.js';
import { substitute } from './substitute.js';
import { type Finding, keyText, startOf, type YamlDocument } from './yaml-document.js';

type Path = readonly (string | number)[];

/** Values that all aliases together may stand for: an alias of aliases grows without bound. */
const maxAliasValues = 10_000;
const maxDepth = 32;

const coreTags = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(
  (name) => `tag:yaml.org,2002:${name}`,
);

export interface Tree {
  /** undefined for an empty document. */
  readonly value: unknown;
  readonly problems: readonly Finding[];
  /** Where a value stands that could not be read; a problem tells why. */
  readonly unread: readonly Path[];
  /** Names of the variables in a value, by the JSON of its path. */
  readonly substituted: ReadonlyMap<string, readonly string[]>;
}

/** Never throws: what cannot be read is left out (or null in a list) and told in `problems`. */
export function readTree(source: YamlDocument, env: NodeJS.ProcessEnv): Tree {
  const reader = new TreeReader(source, env);
  const value = reader.read(source.document?.contents, [], false);
  const { problems, unread, substituted } = reader;
  return { value: value ?? undefined, problems, unread, substituted };
}

class TreeReader {
  readonly problems: Finding[] = [];
  readonly unread: Path[] = [];
  readonly substituted = new Map<string, readonly string[]>();
  readonly #source: YamlDocument;
  readonly #env: NodeJS.ProcessEnv;
  #aliasValues = 0;

  constructor(source: YamlDocument, env: NodeJS.ProcessEnv) {
    this.#source = source;
    this.#env = env;
  }

  read(node: unknown, path: Path, viaAlias: boolean): unknown {
    if (viaAlias && ++this.#aliasValues > maxAliasValues) return this.#tooManyAliases(path);
    if (path.length > maxDepth)
      return this.#refuse(node, path, `nested deeper than ${maxDepth} levels`);
    if (isAlias(node)) return this.#alias(node, path);
    const tag = (node as { tag?: string } | null | undefined)?.tag;
    if (tag !== undefined && !coreTags.includes(tag)) {
      return this.#refuse(node, path, `the tag ${quote(tag)} is not supported`);
    }
    if (isMap(node)) return this.#map(node, path, viaAlias);
    if (isSeq(node)) {
      return node.items.map((item, index) => this.read(item, [...path, index], viaAlias));
    }
    return isScalar(node) ? this.#scalar(node, path) : null;
  }

  #alias(node: Alias, path: Path): unknown {
    if (this.#aliasValues > maxAliasValues) return null;
    const target = this.#source.target(node);
    if (target === undefined) {
      const words = 'a text that begins with * is written in quotes';
      const message = isSecret(path)
        ? words
        : `${words}: ${quote(`*${node.source}`)}; ` +
          `without them it is an alias, and no anchor &${node.source} is before it`;
      return this.#refuse(node, path, message);
    }
    return this.read(target, path, true);
  }

  #tooManyAliases(path: Path): null {
    if (this.#aliasValues > maxAliasValues + 1) return null;
    // At the alias: the value itself stands elsewhere and is not to blame.
    this.problems.push({ path, message: `aliases stand for more than ${maxAliasValues} values` });
    this.unread.push(path);
    return null;
  }

  #map(node: YAMLMap, path: Path, viaAlias: boolean): unknown {
    const map: Record<string, unknown> = Object.create(null);
    const lines = new Map<string, number>();
    for (const pair of node.items) {
      const offset = startOf(pair.key) ?? startOf(node) ?? 0;
      const key = keyText(pair);
      const refuse = (message: string) =>
        this.problems.push({ path: key === null ? path : [...path, key], offset, message });
      if (key === null) refuse('a key must be plain text');
      else if (key === '__proto__') refuse('this word cannot be a key');
      else if (lines.has(key))
        refuse(`duplicate key; it is already given in line ${lines.get(key)}`);
      else {
        lines.set(key, this.#source.position(offset).line);
        map[key] = this.read(pair.value, [...path, key], viaAlias);
      }
    }
    return map;
  }

  #scalar(node: Scalar, path: Path): unknown {
    if (typeof node.value !== 'string' || !node.value.includes('${')) return node.value;
    const { text, names, problem } = substitute(node.value, this.#env);
    if (problem !== '') this.#refuse(node, path, problem);
    if (names.length > 0) this.substituted.set(JSON.stringify(path), names);
    return text;
  }

  #refuse(node: unknown, path: Path, message: string): null {
    this.problems.push({ path, offset: startOf(node) ?? 0, message });
    this.unread.push(path);
    return null;
  }
}

function isSecret(path: Path): boolean {
  return secretKeys.has(String(path.at(-1)));
}
