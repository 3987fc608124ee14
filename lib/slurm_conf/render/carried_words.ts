/** Begins the comment in which a rendered file says which words of a list are the site's. */
const MARK = "The site's own words in";
const KEPT = ", kept at every rendering until they are deleted here: ";

/**
 * The comment above a list that holds words of the site's. `config lint --fix` takes the site's own line out, since
 * Slurm heeds one only: without this the next rendering would lose its words.
 */
export function carriedComment(key: string, words: readonly string[]): string {
  return `${MARK} ${key}${KEPT}${words.join(",")}`;
}

/** The words that a rendered file says it took over, comma-separated, by key in lower case. */
export function carriedWords(text: string): ReadonlyMap<string, string> {
  const lines = text.matchAll(
    new RegExp(`^# ${MARK} (\\w+), kept at every rendering[^:\\n]*: (\\S+)$`, "gm"),
  );
  return new Map([...lines].map(([, key, words]) => [key!.toLowerCase(), words!]));
}
