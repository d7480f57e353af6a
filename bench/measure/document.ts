/** The part of a document that the bench writes; what stands around it is people's. */

const begin = '<!-- bench:begin -->';
const end = '<!-- bench:end -->';

/** @throws if the document has no such part, or more than one */
export function withGenerated(document: string, generated: string): string {
  const [before, ...afterBegin] = document.split(begin);
  const [, ...afterEnd] = (afterBegin[0] ?? '').split(end);
  if (afterBegin.length !== 1 || afterEnd.length !== 1) {
    throw new Error(`must hold ${begin} once, and ${end} once after it`);
  }
  return `${before}${begin}\n${generated.trim()}\n${end}${afterEnd[0]}`;
}
