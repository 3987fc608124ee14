/**
 * A text fit for a terminal and for a log that a browser shows: control characters, with which a file or an answer could
 * rewrite what is shown, become their visible pictures (U+2400 ff.), one for one so that columns stay. C1 controls and
 * bidirectional marks, embeddings, overrides and isolates (https://www.unicode.org/reports/tr9/) become U+FFFD; tabs stay.
 */
export function visible(text: string): string {
  if (/^[\t\x20-\x7e]*$/.test(text)) return text;
  return [...text].map((character) => {
    const code = character.codePointAt(0)!;
    if (code === 9) return character;
    if (code < 32) return String.fromCodePoint(0x2400 + code);
    if (code === 127) return "\u2421";
    return HIDDEN.some(([first, last]) => code >= first && code <= last) ? "\uFFFD" : character;
  }).join("");
}

/** First and last code points of characters that show nothing and change how others are shown. */
const HIDDEN: readonly (readonly [first: number, last: number])[] = [
  [0x80, 0x9f],
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
];
