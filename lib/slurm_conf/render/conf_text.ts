/** A file that was rendered. */
export interface RenderedFile {
  /** E.g. `slurm_nodes.conf`. */
  readonly name: string;
  /** All of it. */
  readonly text: string;
  /** Whether an installed file of this name is the site's own and stays as it is. */
  readonly keepInstalled?: boolean;
}

/** Keys and values of one line; what is undefined is left out. */
export type Settings = readonly (readonly [key: string, value: string | number | undefined])[];

/** `Key=value Key=value …`: one record of slurm.conf on one line, since continuation lines hide typos. */
export function recordLine(settings: Settings): string {
  return settings.filter(([, value]) => value !== undefined).map(([key, value]) => `${key}=${value}`).join(
    " ",
  );
}

/** Lines of comment; a backslash at the end would make Slurm read the next line as part of it. */
export function comment(...lines: readonly string[]): string[] {
  return lines.map((line) => `# ${line.replace(/\p{Cc}/gu, " ")}`.replace(/[\\\s]+$/, ""));
}

/** Why a text can't stand as a value in slurm.conf, or undefined when it can. */
export function valueProblem(value: string): string | undefined {
  if (value === "") return "it is empty, which stops slurmctld";
  if (/[\s"'#]|\p{Cc}/u.test(value)) return "it has a blank, a quote or a '#'";
  if (value.endsWith("\\")) return "it ends with a backslash, which joins the next line";
  return undefined;
}
