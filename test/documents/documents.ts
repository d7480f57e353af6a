/** The documents of the repository, and the commands in them. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cliPath } from '../support/stegwatch.js';

export const root = join(dirname(cliPath), '..');
const bash = '/bin/bash';

/** Paths from the root. */
export const documents: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => join(folder, file))
      .sort(),
  ),
];

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

export interface Command {
  readonly document: string;
  /** Of its first line, from 1. */
  readonly line: number;
  /** One, over as many lines as the shell needs to see its end. */
  readonly text: string;
}

export interface Line {
  readonly number: number;
  /** Of the fence that it is in; null: none. */
  readonly language: string | null;
  readonly text: string;
}

/** What is in a fence without its fences, and without the indent of a list. */
export function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let fence: { indent: string; language: string } | null = null;
  for (const [i, line] of text.split('\n').entries()) {
    const [, indent, language] = /^( *)```(\w*)$/.exec(line) ?? [];
    if (indent !== undefined) {
      fence = fence === null ? { indent, language: language! } : null;
      continue;
    }
    const inner = fence !== null && line.startsWith(fence.indent);
    lines.push({
      number: i + 1,
      language: fence?.language ?? null,
      text: inner ? line.slice(fence!.indent.length) : line,
    });
  }
  return lines;
}

/** All of its blocks in `sh`. */
export function commandsOf(document: string): Command[] {
  const commands: Command[] = [];
  let open: Command | null = null as Command | null;
  for (const { number, language, text } of linesOf(read(document))) {
    if (language !== 'sh') {
      if (open !== null) throw new Error(`${document}:${open.line}: has no end: ${open.text}`);
      continue;
    }
    if (open === null && /^\s*(#|$)/.test(text)) continue;
    const begun: Command = open ?? { document, line: number, text: '' };
    open = { ...begun, text: open === null ? text : `${begun.text}\n${text}` };
    if (!isWhole(open.text)) continue;
    commands.push(open);
    open = null;
  }
  return commands;
}

function isWhole(text: string): boolean {
  if (text.endsWith('\\')) return false;
  return spawnSync(bash, ['-n', '-c', text]).status === 0;
}
