/** Text of the config or of an event in a message: in quotes, on one line, not too long. */

/** Longer text says no more to a reader. */
const longest = 100;

/** What a terminal or a log would act upon, or show as nothing, is written as an escape. */
export function quote(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return JSON.stringify(cut).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
