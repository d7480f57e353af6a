/**
 * What a vendor or product in the CEF header is compared with: any case, `*` for any text, none included.
 * White space around either does not count. Linear in the text for each part of the pattern.
 */
export type HeaderPattern = (text: string) => boolean;

/** The predicate takes text as `foldHeader` gives it. */
export function headerPattern(pattern: string): HeaderPattern {
  const [first = '', ...rest] = foldHeader(pattern).split('*');
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  const shortest = first.length + last.length;
  return (text) => {
    if (text.length < shortest || !text.startsWith(first) || !text.endsWith(last)) return false;
    // Leftmost is best: what follows then has the most room.
    let from = first.length;
    const end = text.length - last.length;
    for (const part of rest) {
      const at = text.indexOf(part, from);
      if (at < 0 || at + part.length > end) return false;
      from = at + part.length;
    }
    return true;
  };
}

export function foldHeader(text: string): string {
  return text.trim().toLowerCase();
}
