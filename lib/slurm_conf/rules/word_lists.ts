import { TOKEN_PARAMETERS } from "../data/param_tokens.ts";

/**
 * Keys whose value is a list of words separated by commas, all of which count: https://slurm.schedmd.com/slurm.conf.html.
 * Those with a table of known words come on top.
 */
const OTHER_LISTS: readonly string[] = [
  "AccountingStorageEnforce",
  "AccountingStorageTRES",
  "AuthAltParameters",
  "AuthAltTypes",
  "AuthInfo",
  "BcastExclude",
  "BurstBufferParameters",
  "CliFilterParameters",
  "CliFilterPlugins",
  "CpuFreqGovernors",
  "DependencyParameters",
  "FederationParameters",
  "GresTypes",
  "HealthCheckNodeState",
  "JobCompParams",
  "JobSubmitPlugins",
  "LicenseParameters",
  "Licenses",
  "MetricsParameters",
  "MpiParams",
  "NodeFeaturesPlugins",
  "PrEpParameters",
  "PrEpPlugins",
  "PreemptMode",
  "PriorityFlags",
  "PriorityParameters",
  "PriorityWeightTRES",
  "PropagateResourceLimits",
  "PropagateResourceLimitsExcept",
  "RequeueExit",
  "RequeueExitHold",
  "SbcastParameters",
  "ScronParameters",
  "SelectTypeParameters",
  "SwitchParameters",
  "TLSParameters",
  "TaskPlugin",
  "TaskPluginParam",
  "X11Parameters",
];

const LISTS: ReadonlySet<string> = new Set(
  [...TOKEN_PARAMETERS, ...OTHER_LISTS].map((key) => key.toLowerCase()),
);

/** Whether a plain key, given in lower case, holds a list of words. */
export function isWordList(name: string): boolean {
  return LISTS.has(name);
}

/** The words of one list that the other lacks, in any case; each once. */
export function missingWords(list: string, other: string): string[] {
  const there = new Set(wordsOf(other).map((word) => word.toLowerCase()));
  return [...new Set(wordsOf(list))].filter((word) => !there.has(word.toLowerCase()));
}

/** Both lists in one: the words in force, then those of the ignored list whose name is not among them. */
export function joinedWords(ignored: string, inForce: string): string {
  const names = new Set(wordsOf(inForce).map(wordName));
  return [...wordsOf(inForce), ...wordsOf(ignored).filter((word) => !names.has(wordName(word)))].join(",");
}

function wordsOf(list: string): string[] {
  return list.split(",").filter((word) => word !== "");
}

function wordName(word: string): string {
  return word.split("=", 1)[0]!.toLowerCase();
}
