/**
 * Text to YAML nodes with positions (YAML 1.2, core schema), safely: the library composes nodes by
 * recursion, and nesting deep enough ends the process, not just the call. So depth is bounded while
 * the tokens are still a flat stream. All else takes linear time in a bounded text.
 */
import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Pair,
  Parser,
  visit,
} from 'yaml';
import type { ConfigProblem } from './config.js';
import { SyntaxMistakes } from './syntax-mistakes.js';

/** A problem that may know its place in the text better than its path does. */
export interface Finding extends ConfigProblem {
  /** UTF-16 units from the start of the text. */
  readonly offset?: number;
}

type Path = readonly (string | number)[];

export const maxTextBytes = 1024 * 1024;
/** Open collections (and the parser's own levels) at once; a config needs about 20. */
const maxOpen = 64;

export class YamlDocument {
  readonly document: Document.Parsed | null;
  /** Mistakes of syntax, at most one a line. */
  readonly problems: readonly Finding[];
  readonly #lines = new LineCounter();
  readonly #targets = new Map<Alias, unknown>();

  constructor(text: string) {
    const tokens = this.#tokens(text);
    if (typeof tokens === 'number') {
      this.document = null;
      this.problems = [{ path: [], offset: tokens, message: 'nested too deeply' }];
      return;
    }
    // Duplicate keys are told by the reader of the tree, which knows where the first one is.
    const options = { version: '1.2', prettyErrors: false, uniqueKeys: false } as const;
    const documents = [...new Composer(options).compose(tokens, true, text.length)];
    this.document = documents[0]!;
    this.problems = this.#syntaxProblems(text, documents);
    this.#resolveAliases();
  }

  /** What an alias stands for: the last node before it with that anchor; undefined if none. */
  target(alias: Alias): unknown {
    return this.#targets.get(alias);
  }

  /** All in one pass: the library's own search starts anew, at the top, for each alias. */
  #resolveAliases(): void {
    const anchors = new Map<string, unknown>();
    visit(this.document!, {
      Alias: (_, alias) => void this.#targets.set(alias, anchors.get(alias.source)),
      Value: (_, node) => {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
      },
    });
  }

  /** The tokens, or the offset at which nesting is too deep. */
  #tokens(text: string): CST.Token[] | number {
    const parser = new Parser(this.#lines.addNewLine);
    this.#lines.addNewLine(0);
    const tokens: CST.Token[] = [];
    for (const lexeme of new Lexer().lex(text)) {
      for (const token of parser.next(lexeme)) tokens.push(token);
      if (parser.stack.length > maxOpen) return parser.offset;
    }
    tokens.push(...parser.end());
    return tokens;
  }

  #syntaxProblems(text: string, documents: readonly Document.Parsed[]): Finding[] {
    const byLine = new Map<number, Finding>();
    const lineOf = (offset: number) => this.position(offset).line;
    const add = (offset: number, message: string) => {
      const line = lineOf(offset);
      if (!byLine.has(line)) byLine.set(line, { path: [], offset, message });
    };
    const [first, second] = documents;
    const { explicit, version } = first!.directives.yaml;
    if (explicit === true && version !== '1.2') add(0, 'only YAML 1.2 is read');
    const mistakes = new SyntaxMistakes(text, first!);
    const looked = new Set<number>();
    for (const error of [...first!.errors, ...first!.warnings]) {
      // Once a line, for a line may be long and all of it wrong.
      const line = lineOf(error.pos[0]);
      if (looked.has(line) || byLine.has(line)) continue;
      looked.add(line);
      const { offset, words } = mistakes.explain(error);
      add(offset, `YAML: ${words}`);
    }
    if (second !== undefined) {
      add(second.range[0], 'a second YAML document; a config is one');
    }
    return [...byLine.values()];
  }

  /**
   * What stands before this offset can be told mistakes of. After one of syntax the rest may be
   * misread, and so may the top-level key in which it is: an open quote is found at its end.
   */
  get trustedEnd(): number {
    const broken = this.problems.reduce(
      (least, { offset = 0 }) => Math.min(least, offset),
      Number.POSITIVE_INFINITY,
    );
    if (broken === Number.POSITIVE_INFINITY) return broken;
    const root = this.document?.contents;
    const keys = isMap(root) ? root.items.map(({ key }) => startOf(key) ?? 0) : [];
    return keys.findLast((offset) => offset < broken) ?? 0;
  }

  position(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** Where the value (or its key) at `path` stands; if not there, the nearest thing around it. */
  offsetOf(path: Path, atKey = false): number {
    let node: unknown = this.document?.contents;
    let offset = startOf(node) ?? 0;
    for (const [depth, part] of path.entries()) {
      const inside = isAlias(node) ? this.target(node) : node;
      const last = depth === path.length - 1;
      if (isMap(inside)) {
        const pair = inside.items.find((item) => keyText(item) === part);
        if (pair === undefined) break;
        node = pair.value;
        offset = (last && !atKey ? startOf(node) : null) ?? startOf(pair.key) ?? offset;
      } else if (isSeq(inside) && typeof part === 'number' && part < inside.items.length) {
        node = inside.items[part];
        offset = startOf(node) ?? offset;
      } else break;
    }
    return offset;
  }
}

/** The text of a key that is a scalar (`1` and `null` are keys like others), null for any other. */
export function keyText(pair: Pair): string | null {
  const key = pair.key;
  if (!isScalar(key)) return null;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/** Null for no node, and for a value that is not written (`key:`). */
export function startOf(node: unknown): number | null {
  const range = (node as { range?: readonly [number, number, number] } | null | undefined)?.range;
  return range === undefined || (isScalar(node) && range[0] === range[1]) ? null : range[0];
}
