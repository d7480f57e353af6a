/**
 * A tree to settings, finding as many mistakes as there are: what the schema refuses is told and
 * taken out, until the rest passes. That is then good enough for the rules that span several keys.
 */
import type { ConfigProblem } from './config.js';
import { maxProblems } from './config-error.js';
import {
  coerced,
  explainIssue,
  flattenIssues,
  type Issue,
  isMissing,
  type Path,
} from './issues.js';
import { type Settings, schema } from './schema.js';
import type { Tree } from './tree.js';

export interface Checked {
  readonly settings: Settings;
  readonly problems: readonly ConfigProblem[];
  /** Where in the file a path in the settings came from: list items may have been taken out. */
  sourcePath(path: Path): Path;
  /** True if the file gives this key (and it was not taken out). */
  explicit(path: Path): boolean;
  /** True if this path, or something around or inside it, has been told to be wrong. */
  suspect(path: Path): boolean;
}

/** Each pass takes something out; a few are enough for anything but a file made to be bad. */
const maxPasses = 100;

export function checkTree(tree: Tree): Checked {
  return new TreeChecker(tree).check();
}

class TreeChecker {
  #root: unknown;
  readonly #tree: Tree;
  readonly #problems: ConfigProblem[] = [];
  readonly #wrong: Path[] = [];
  /** Index in the file of each item of a list that has lost some. */
  readonly #indexes = new WeakMap<object, number[]>();

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#root = copy(tree.value);
    this.#wrong.push(...tree.unread);
    for (const path of tree.unread) this.#remove(path);
    this.#root = this.#compact(this.#root);
  }

  check(): Checked {
    for (let pass = 0; pass < maxPasses; pass++) {
      const result = schema.safeParse(this.#root, { reportInput: true });
      if (result.success) return this.#checked(result.data);
      this.#repair(flattenIssues(result.error.issues).slice(0, maxProblems));
      if (this.#problems.length >= maxProblems) break;
    }
    return this.#giveUp();
  }

  /** So much is wrong that nothing more is looked at. */
  #giveUp(): Checked {
    this.#wrong.push([]);
    this.#root = undefined;
    return this.#checked(schema.parse({}));
  }

  #checked(settings: Settings): Checked {
    return {
      settings,
      problems: this.#problems,
      sourcePath: (path) => this.#sourcePath(path),
      explicit: (path) => valueAt(this.#root, path) !== undefined,
      suspect: (path) => this.#suspect(this.#sourcePath(path)),
    };
  }

  /** Puts in what a variable stands for, tells of the rest and takes it out. */
  #repair(issues: readonly Issue[]): void {
    const paths = issues.map(({ path }) => this.#sourcePath(path));
    const told = issues.map((issue, at) => {
      const value = valueAt(this.#root, issue.path);
      if (this.#coerce(issue, paths[at]!, value)) return null;
      // A list that is empty because its items were wrong is not one more mistake.
      if (this.#suspect(paths[at]!)) return paths[at]!;
      this.#problems.push(explainIssue(issue, paths[at]!, value, this.#tree.substituted));
      return paths[at]!;
    });
    for (const [at, issue] of issues.entries()) {
      const path = told[at];
      if (path === null || path === undefined) continue;
      this.#wrong.push(path);
      this.#remove(isMissing(issue) ? holderOf(issue.path) : issue.path);
    }
    this.#root = this.#compact(this.#root);
  }

  #coerce(issue: Issue, source: Path, value: unknown): boolean {
    const fromVariable = this.#tree.substituted.has(JSON.stringify(source));
    if (typeof value !== 'string' || !fromVariable) return false;
    const replacement = coerced(issue, value);
    if (replacement === undefined) return false;
    this.#set(issue.path, replacement);
    return true;
  }

  #set(path: Path, value: unknown): void {
    const holder = valueAt(this.#root, path.slice(0, -1)) as Record<string | number, unknown>;
    holder[path.at(-1)!] = value;
  }

  #remove(path: Path): void {
    const holder = valueAt(this.#root, path.slice(0, -1));
    const last = path.at(-1);
    if (last === undefined) this.#root = undefined;
    else if (Array.isArray(holder)) holder[last as number] = removed;
    else if (isObject(holder)) delete holder[last];
  }

  /** Closes the gaps in lists and notes where their items came from. */
  #compact(value: unknown): unknown {
    if (Array.isArray(value)) {
      const before = this.#indexes.get(value) ?? value.map((_, index) => index);
      const kept = value.flatMap((item, at) => (item === removed ? [] : [at]));
      const list = kept.map((at) => this.#compact(value[at]));
      this.#indexes.set(
        list,
        kept.map((at) => before[at]!),
      );
      return list.length === 0 && value.length > 0 ? undefined : list;
    }
    if (!isObject(value)) return value;
    for (const key of Object.keys(value)) {
      value[key] = this.#compact(value[key]);
      if (value[key] === undefined) delete value[key];
    }
    return value;
  }

  #sourcePath(path: Path): Path {
    let value: unknown = this.#root;
    return path.map((part) => {
      const holder = value;
      value = valueAt(holder, [part]);
      if (typeof part !== 'number' || !isObject(holder)) return part;
      return this.#indexes.get(holder)?.[part] ?? part;
    });
  }

  #suspect(path: Path): boolean {
    return this.#wrong.some((wrong) => isWithin(wrong, path) || isWithin(path, wrong));
  }
}

const removed = Symbol('removed');

/** What must go if a key is missing in it. */
function holderOf(path: Path): Path {
  return path.slice(0, -1);
}

function isWithin(inner: Path, outer: Path): boolean {
  return outer.length <= inner.length && outer.every((part, at) => part === inner[at]);
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => (isObject(value) ? value[part] : undefined), root);
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (!isObject(value)) return value;
  const map: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) map[key] = copy(inner);
  return map;
}
