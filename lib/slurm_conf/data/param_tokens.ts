import { compareVersions } from "../versions.ts";
import parameters from "./slurm_param_tokens.json" with { type: "json" };

/** A word that some release documents for a parameter. Versions are `YY.MM`, also such as we don't support. */
export interface TokenInfo {
  /** In Slurm's own spelling. */
  readonly name: string;
  /** First release that documents it; absent: older than 18.08. */
  readonly since?: string;
  /** Last release that documents it; absent: the newest still does. */
  readonly last?: string;
}

/** What a release's manual says of a word: there, not yet, no more, or never in any release. */
export type TokenStatus = "documented" | "not-yet" | "gone" | "unknown";

const byName = new Map<string, ReadonlyMap<string, TokenInfo>>();

/** Parameters whose words we know, in Slurm's own spelling. */
export const TOKEN_PARAMETERS: readonly string[] = Object.keys(parameters).filter((name) =>
  name !== "source"
);

/** The words of a parameter by their names in lower case; undefined when we have no table of that parameter. */
export function tokensOfParameter(parameter: string): ReadonlyMap<string, TokenInfo> | undefined {
  const name = TOKEN_PARAMETERS.find((known) => known.toLowerCase() === parameter.toLowerCase());
  if (name === undefined) return undefined;
  let words = byName.get(name);
  if (words === undefined) {
    const table = parameters[name as keyof typeof parameters] as unknown as Record<
      string,
      Omit<TokenInfo, "name">
    >;
    words = new Map(
      Object.entries(table).map(([word, info]) => [word.toLowerCase(), { name: word, ...info }]),
    );
    byName.set(name, words);
  }
  return words;
}

/** What a release's manual says of a word of a parameter; undefined when we have no table of that parameter. */
export function tokenStatus(parameter: string, word: string, version: string): TokenStatus | undefined {
  const words = tokensOfParameter(parameter);
  if (words === undefined) return undefined;
  const info = words.get(word.toLowerCase());
  if (info === undefined) return "unknown";
  if (info.since !== undefined && compareVersions(version, info.since) < 0) return "not-yet";
  return info.last !== undefined && compareVersions(version, info.last) > 0 ? "gone" : "documented";
}
