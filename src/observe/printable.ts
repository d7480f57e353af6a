/**
 * What a terminal would act upon, or show as nothing, as `\u{1b}`: control and format characters, those
 * that change the direction of text, line separators, halves of pairs. One line stays one line.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
