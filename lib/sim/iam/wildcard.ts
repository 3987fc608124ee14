/**
 * Whether a text fits a pattern of a policy: `*` stands for any characters, `?` for one, and `${*}`, `${?}` and
 * `${$}` for the character itself
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars).
 */
export function fits(pattern: string, text: string, ignoreCase = false): boolean {
  const key = `${ignoreCase ? "i" : "s"}${pattern}`;
  let compiled = COMPILED.get(key);
  if (!compiled) COMPILED.set(key, compiled = compile(pattern, ignoreCase));
  return compiled.test(text);
}

/** A pattern in which nothing is a wildcard, as the text that it stands for. */
export function literal(pattern: string): string {
  return pattern.replace(/\$\{([*?$])\}/g, "$1");
}

/** Patterns come from policies only, so there are few. */
const COMPILED = new Map<string, RegExp>();

function compile(pattern: string, ignoreCase: boolean): RegExp {
  const source = pattern.replace(
    /\$\{([*?$])\}|[*?]|[.+^${}()|[\]\\]/g,
    (found, taken?: string) =>
      taken !== undefined ? `\\${taken}` : found === "*" ? ".*" : found === "?" ? "." : `\\${found}`,
  );
  return new RegExp(`^${source}$`, ignoreCase ? "is" : "s");
}
