import { didYouMean } from "../../base/did_you_mean.ts";
import type { Context, Token } from "../context.ts";
import { TOKEN_PARAMETERS, tokensOfParameter, tokenStatus } from "../data/param_tokens.ts";
import { removeToken } from "../edit.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { homeOf } from "./cloud_addresses.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

/** Parameters with whose unknown words slurmctld does not start (seen on 22.05.8, 24.11.5 and 26.05.5). */
const REFUSING: ReadonlySet<string> = new Set(["DebugFlags", "PrologFlags"]);
/** Those whose unknown words it logs as an error. */
const LOGGING: ReadonlySet<string> = new Set(["ReconfigFlags"]);
/** Words that manuals no longer have and slurmctld still takes (seen on 24.11.5 and 26.05.5). */
const STILL_TAKEN: ReadonlySet<string> = new Set(["powersave", "workqueue", "jobcontainer"]);
/** Words whose own rules say when they do nothing. */
const JUDGED_BY_OWN_RULE: ReadonlySet<string> = new Set([
  "SlurmctldParameters cloud_reg_addrs",
  "SlurmctldParameters max_powered_nodes",
  "CommunicationParameters noaddrcache",
  "PrivateData cloud",
]);

/** SC012. */
export const unknownWord: Rule = {
  id: "SC012",
  title: "Word unknown to this Slurm",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "A word in a comma-separated parameter is mistyped, of a newer release, or no longer documented.",
  why:
    "Slurm looks for the words it knows and ignores all others without a line in the log, so the option is not on. With DebugFlags and PrologFlags slurmctld does not start.",
  remedy: "Correct or remove the word.",
  sources: [SLURM_CONF, fileOf("26.05", "src/common/read_config.c")],
  *check(context: Context): Iterable<Report> {
    for (const parameter of TOKEN_PARAMETERS) {
      for (const token of context.tokens(parameter)) {
        const report = judge(context, parameter, token);
        if (report !== undefined) yield report;
      }
    }
  },
};

function judge(context: Context, parameter: string, token: Token): Report | undefined {
  const name = token.name.toLowerCase();
  const info = tokensOfParameter(parameter)?.get(name);
  if (info !== undefined && info.since === undefined && info.last === undefined) return undefined;
  if (JUDGED_BY_OWN_RULE.has(`${parameter} ${name}`) || STILL_TAKEN.has(name)) return undefined;
  if (info === undefined && homeOf(name) !== undefined) return undefined;
  if (info !== undefined && tokenStatus(parameter, name, context.version) === "documented") return undefined;
  return {
    at: token,
    message: message(context, parameter, token),
    fix: removal(token),
    ...effect(parameter),
  };
}

function message(context: Context, parameter: string, token: Token): string {
  const known = tokensOfParameter(parameter)!;
  const info = known.get(token.name.toLowerCase());
  const outcome = REFUSING.has(parameter)
    ? "slurmctld does not start"
    : LOGGING.has(parameter)
    ? "it is logged and ignored"
    : "it is silently ignored";
  if (info === undefined) {
    const near = didYouMean(token.name, [...known.values()].map((one) => one.name)) ??
      elsewhere(parameter, token.name);
    const unknown = REFUSING.has(parameter)
      ? `${parameter} takes no "${token.name}"`
      : `No manual of Slurm has "${token.name}" for ${parameter}`;
    return `${unknown}: ${outcome}; ${near === undefined ? "remove it" : `did you mean ${near}?`}`;
  }
  const when = info.last !== undefined && context.version > info.last
    ? `has no "${token.name}" after ${info.last}`
    : `has "${token.name}" only from ${info.since} on`;
  return `${parameter} ${when}: ${outcome}; remove it`;
}

/** The parameter that documents a word found in the wrong one. */
function elsewhere(parameter: string, word: string): string | undefined {
  const home = TOKEN_PARAMETERS.find((other) =>
    other !== parameter && tokensOfParameter(other)?.has(word.toLowerCase())
  );
  return home === undefined ? undefined : `${home}=${word}`;
}

function removal(token: Token) {
  return { title: `Remove ${token.text}`, edits: [removeToken(token)], safe: false };
}

function effect(parameter: string): Partial<Report> {
  if (REFUSING.has(parameter)) return { severity: "error", daemon: "refuses" };
  return LOGGING.has(parameter) ? { daemon: "logs" } : {};
}
