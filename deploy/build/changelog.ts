/** One version as CHANGELOG.md tells it. */
export interface Release {
  readonly version: string;
  /** ISO 8601; absent for what is not released yet. */
  readonly date?: string;
  /** What changed, without the heading. */
  readonly text: string;
}

/**
 * The versions of a changelog in its order, that which is not released yet as `Unreleased`.
 * https://keepachangelog.com/en/1.1.0/
 */
export function readChangelog(markdown: string): Release[] {
  const parts = markdown.split(/^## /m).slice(1);
  return parts.map((part) => {
    const match = /^\[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?\n/.exec(part);
    if (match === null) throw new SyntaxError(`Not a version of a changelog: "## ${part.split("\n")[0]}"`);
    const [heading, version, date] = match;
    return {
      version: version!,
      ...(date !== undefined && { date }),
      text: part.slice(heading.length).trim(),
    };
  });
}
