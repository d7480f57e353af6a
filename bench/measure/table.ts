/** Tables of a report, as plain text or as Markdown. */

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly string[])[];
  readonly notes?: readonly string[];
}

export function asText({ title, columns, rows, notes = [] }: Table): string {
  const widths = columns.map((_, i) =>
    Math.max(...[columns, ...rows].map((cells) => cells[i]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return [`${title}\n`, ...[columns, ...rows].map(line), ...notes.map((note) => `  ${note}`)].join(
    '\n',
  );
}

export function asMarkdown({ title, columns, rows, notes = [] }: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const table = [line(columns), `|${'---|'.repeat(columns.length)}`, ...rows.map(line)].join('\n');
  return [`### ${title}`, table, ...notes].join('\n\n');
}
