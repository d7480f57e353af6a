/**
 * The commonest mistakes of YAML in words, and where they were made: the parser tells of an open quote at the end of the
 * text. All others keep the parser's own words. Each takes time in the length of a line, the look-up of nodes one pass.
 */
import { type Document, isCollection, isScalar, visit, type YAMLError } from 'yaml';
import { holdsSecret, quote } from './config-error.js';

export interface SyntaxMistake {
  /** UTF-16 units from the start of the text. */
  readonly offset: number;
  /** What is wrong, and what to do. */
  readonly words: string;
}

type Told = Pick<YAMLError, 'code' | 'message'> & { readonly pos: readonly [number, number] };

/** By their ends: texts in quotes, and maps in { } and lists in [ ]. */
interface Begins {
  readonly quoted: ReadonlyMap<number, number>;
  readonly flow: ReadonlyMap<number, number>;
}

const column = 'keys of one map begin in the same column';

export class SyntaxMistakes {
  readonly #text: string;
  readonly #document: Document.Parsed;
  #begins: Begins | null = null;

  constructor(text: string, document: Document.Parsed) {
    this.#text = text;
    this.#document = document;
  }

  explain(error: Told): SyntaxMistake {
    const [offset] = error.pos;
    const found = this.#found(error, offset);
    if (found === null) return { offset, words: this.#asTold(error.message, offset) };
    return typeof found === 'string' ? { offset, words: found } : found;
  }

  /** Words alone: it is where the parser says. */
  #found({ code, message }: Told, offset: number): string | SyntaxMistake | null {
    const open = /closing (["'])quote|^Flow .*end with a ([}\]])$/.exec(message);
    if (open !== null) return this.#open(offset, open[1] ?? '', open[2] ?? '');
    switch (code) {
      case 'TAB_AS_INDENT':
        return 'a tab stands where only spaces may: indent with spaces, two for each level';
      case 'BAD_INDENT':
        if (!message.startsWith('All mapping items')) return null;
        return this.#atNext(offset, `this key does not line up with those above it: ${column}`);
      case 'MISSING_CHAR':
        return message.startsWith('Sequence item')
          ? this.#atNext(
              offset,
              'this does not line up with the list above it: an item begins with "- ", and its further keys ' +
                'in the column of its first',
            )
          : (missingSpace(this.#lineAt(offset)) ??
              'this is no `key: value`: a colon and a space after it are missing');
      case 'MULTILINE_IMPLICIT_KEY':
        return missingSpace(this.#lineAt(offset));
      case 'BLOCK_AS_IMPLICIT_KEY':
        return message.startsWith('Nested mappings') ? this.#twoKeys(offset) : null;
      case 'BAD_ALIAS':
      case 'BAD_SCALAR_START':
        return this.#wantsQuotes(offset);
      case 'TAG_RESOLVE_FAILED':
        // Not as told: what follows may be a password.
        return message.startsWith('Unresolved tag') ? this.#wantsQuotes(offset) : null;
      case 'BAD_DQ_ESCAPE':
        return 'in "…" a backslash begins an escape such as \\n: write it twice, or the text in \'…\'';
      case 'UNEXPECTED_TOKEN':
        return message === 'Unexpected scalar at node end' ? this.#after(offset) : null;
      default:
        return null;
    }
  }

  /** Of a quote, or a bracket, that is missing at `offset`. */
  #open(offset: number, mark: string, bracket: string): SyntaxMistake | null {
    const begins = this.#beginOf(mark === '' ? 'flow' : 'quoted', offset);
    if (begins === undefined) return null;
    const words =
      mark === ''
        ? `the ${bracket === '}' ? '{' : '['} that is opened here is not closed: ${bracket} is missing, or what is ` +
          'inside is not indented further than its key'
        : `the quote ${mark} that is opened here is not closed: put another one at the end of the text`;
    return { offset: begins, words };
  }

  /** A colon after a value: in its line, or in the next one, which was read as part of it. */
  #twoKeys(offset: number): string | SyntaxMistake {
    const line = this.#lineAt(offset);
    const dash = /^\s*-([^\s-][^:]{0,40})/.exec(line);
    if (dash !== null) return `a space is missing after the dash: ${quote(`- ${dash[1]}`)}`;
    const end = this.#lineEnd(offset);
    if (/:(?:\s|$)/.test(this.#text.slice(offset, end))) {
      return (
        'two keys in one line: the second belongs on a line of its own, indented further; a text that holds ": " ' +
        'is written in quotes'
      );
    }
    const words = `this line is indented further than the key above it, which has its value already: ${column}`;
    return this.#atNext(end, words);
  }

  #wantsQuotes(offset: number): string {
    const first = this.#text[offset - 1] === '*' ? '*' : this.#text[offset];
    return `a text that begins with ${first} is written in quotes`;
  }

  /** What follows a whole value. */
  #after(offset: number): string | SyntaxMistake | null {
    const before = this.#text.slice(this.#lineStart(offset), offset);
    if (before.trim() === '' && offset > 0) {
      return `this is indented less than what is above it: ${column}`;
    }
    const end = this.#lineStart(offset) + before.trimEnd().length;
    const mark = this.#text[end - 1];
    const begins = mark === '"' || mark === "'" ? this.#beginOf('quoted', end) : undefined;
    if (begins === undefined) return null;
    if (this.#text.slice(begins, end).includes('\n')) {
      const words = `the quote ${mark} that is opened here is closed lines below: one is missing at the end of its text`;
      return { offset: begins, words };
    }
    const inside = mark === "'" ? "'' in '…'" : '\\" in "…"';
    return `the text in quotes has ended, and more follows: inside it the quote is written ${inside}`;
  }

  /** At what comes next, if that is not in this line. */
  #atNext(offset: number, words: string): SyntaxMistake {
    const next = /\S/g;
    next.lastIndex = offset;
    return { offset: next.exec(this.#text)?.index ?? offset, words };
  }

  #asTold(message: string, offset: number): string {
    const line = this.#lineAt(offset);
    // The parser's words may have it.
    if (holdsSecret(line)) return 'this value cannot be read: write it in quotes';
    if (line.includes('${')) return `${message}; inside { } and [ ] write "\${NAME}" in quotes`;
    const begins = /(?:^|[:,[-]\s*|\s)([*&!|>%@`])\S*/.exec(line)?.[1];
    const hint =
      begins === undefined ? '' : `; a text that begins with ${begins} is written in quotes`;
    return `${message}${hint}`;
  }

  /** Where what ends at an offset begins. */
  #beginOf(kind: 'quoted' | 'flow', end: number): number | undefined {
    this.#begins ??= beginsIn(this.#document);
    return this.#begins[kind].get(end);
  }

  #lineStart(offset: number): number {
    return offset === 0 ? 0 : this.#text.lastIndexOf('\n', offset - 1) + 1;
  }

  #lineEnd(offset: number): number {
    const end = this.#text.indexOf('\n', offset);
    return end < 0 ? this.#text.length : end;
  }

  #lineAt(offset: number): string {
    return this.#text.slice(this.#lineStart(offset), this.#lineEnd(offset));
  }
}

function beginsIn(document: Document.Parsed): Begins {
  const quoted = new Map<number, number>();
  const flow = new Map<number, number>();
  visit(document, {
    Node: (_, node) => {
      if (node.range == null) return;
      const [begin, end] = node.range;
      if (isScalar(node) && node.type?.startsWith('QUOTE')) quoted.set(end, begin);
      // Those inside come later, and one of them may be closed: the outermost is not.
      if (isCollection(node) && node.flow === true && !flow.has(end)) flow.set(end, begin);
    },
  });
  return { quoted, flow };
}

/** Of a line, or of what YAML took for a text: `udp:false`. Null if that is not what is wrong. */
export function missingSpace(text: string): string | null {
  const found = /^\s*(?:-\s+)*([\w.$|-]{1,64}):(?!\/\/)([^\s:].{0,40})/.exec(text);
  if (found === null) return null;
  return `a space is missing after the colon: ${quote(`${found[1]}: ${found[2]}`)}`;
}
