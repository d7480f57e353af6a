/** What is wrong with a config: every mistake with its place, as people's editors understand it. */
import { StegwatchError } from '../errors.js';

export interface LocatedProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** `listen.udp[1].port`; '' if the problem is with the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** More help nobody, and each costs time to locate. */
export const maxProblems = 1000;

export class ConfigError extends StegwatchError {
  /** In the order of the file, never empty, the first 1000. */
  readonly problems: readonly LocatedProblem[];

  constructor(problems: readonly LocatedProblem[]) {
    const hint = 'stegwatch validate shows the same without starting anything.';
    super('CONFIG_INVALID', formatProblems(problems), hint);
    this.problems = problems.slice(0, maxProblems);
  }

  /** One line each: `file:line:column: path: message`. */
  format(): string {
    return this.message;
  }
}

function formatProblems(problems: readonly LocatedProblem[]): string {
  const lines = problems.slice(0, maxProblems).map(formatProblem);
  const more = problems.length - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

function formatProblem({ file, line, column, path, message }: LocatedProblem): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** A path of keys and indexes as text; keys that would be read otherwise are quoted. */
export function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    if (!/^[\w|-]{1,100}$/.test(part)) return `${text}[${quote(part)}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** Keys whose values are never shown. */
export const secretKeys: ReadonlySet<string> = new Set(['shared_key', 'password', 'token']);

/** Such a key, or what was meant for one, with its value in one text, for want of a space, a quote or a line. */
const secretInText = /(shared[_-]?key|pass(?:word|phrase)|secret|token)(["']?\s*[:=]).*/is;

export function holdsSecret(text: string): boolean {
  return secretInText.test(text);
}

/** A value for a message: short, on one line, no secret, nothing that a terminal would act upon. */
export function quote(text: string): string {
  const shown = text.replace(secretInText, '$1$2 …');
  const cut = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
  return JSON.stringify(cut).replace(
    /[^\x20-\x7e…]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
