/** A word that the project does not use, and what stands for it. */
export interface PlainWord {
  /** As CONTRIBUTING.md shows it. */
  readonly word: string;
  readonly plain: string;
  /** Finds it, whatever its case, in text of which each run of blanks and line ends is one blank. */
  readonly pattern: RegExp;
}

/** The words, in the order of CONTRIBUTING.md's table, which is made from them. */
export const PLAIN_WORDS: readonly PlainWord[] = [
  { word: "mend", plain: "fix", pattern: /\bmend(?:s|ed|ing|er)?\b/gi },
  { word: "told", plain: "reported", pattern: /\btold\b/gi },
  {
    word: "is no, is none",
    plain: "is not a, there is no",
    pattern: /(?<!\bthere )\b(?:is|are|was|were) (?:no|none)\b(?! (?:longer|more)\b)/gi,
  },
  { word: "nobody's", plain: "unassigned, of no cluster", pattern: /\bnobody's\b/gi },
  { word: "whom X runs as", plain: "the user that X runs as", pattern: /\bwhom\b/gi },
  { word: "whoever", plain: "everyone who, the user that", pattern: /\bwhoever\b/gi },
  { word: "beside", plain: "next to, besides", pattern: /\bbeside\b/gi },
  { word: "by hand", plain: "manually", pattern: /\bby hand\b/gi },
  { word: "anew", plain: "again", pattern: /\banew\b/gi },
  { word: "so many", plain: "that number of", pattern: /\bso many\b/gi },
];

/** A place where such a word is right. */
export interface Allowed {
  readonly file: string;
  /** The words around it. */
  readonly text: string;
  readonly reason: string;
}

/** Every place where such a word is right. */
export const ALLOWED: readonly Allowed[] = [
  {
    file: "deploy/build/notices.ts",
    text: "persons to whom the Software is furnished",
    reason: "the words of the MIT licence",
  },
];

/** A word of {@link PLAIN_WORDS} in a text. */
export interface FoundWord {
  readonly word: string;
  /** The words around it, on one line. */
  readonly around: string;
}

/** Characters shown at each side of a word that is found. */
const AROUND = 40;

/** The words of the table in a text: prose, or a source with its comments and literals, wrapped as it may be. */
export function wordsIn(text: string): FoundWord[] {
  const line = text
    // A phrase goes on in the next line of a comment, and in the next literal of a sum.
    .replace(/["'`] \+\s+["'`]/g, "")
    .replace(/\n[ \t]*(?:\*(?!\*)|\/\/|#+)?/g, " ")
    .replace(/\s+/g, " ");
  return PLAIN_WORDS.flatMap(({ word, pattern }) =>
    [...line.matchAll(pattern)].map(({ index, 0: found }) => ({
      word,
      around: line.slice(Math.max(0, index - AROUND), index + found.length + AROUND).trim(),
    }))
  );
}

/** A question to the reader, other than those that a command asks and waits for. */
export function questionsIn(text: string): string[] {
  return text.replace(/\s+/g, " ").match(/[^.!?:;]*[a-z]\?(?= [A-Z]|$)/g)?.map((question) =>
    question.trim()
  ) ?? [];
}
