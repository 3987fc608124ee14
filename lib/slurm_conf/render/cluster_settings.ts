import { splitHostlist } from "../../slurm/hostlist.ts";
import { compareVersions, type SlurmVersion } from "../versions.ts";
import { carriedComment } from "./carried_words.ts";
import { comment } from "./conf_text.ts";
import type { SiteConf, SiteSetting } from "./render_input.ts";

/** One cluster-wide setting of the power-saving block. */
export interface ClusterSetting {
  /** Why it is there, for people. */
  readonly says?: string;
  readonly key: string;
  readonly value: string | number;
  /** Whether the value is a list of words that the site's own words are joined to. */
  readonly isList?: boolean;
  /** Whether Slurm keeps the site's own line of this key besides ours. */
  readonly isRepeatable?: boolean;
  /** For a policy that holds for the site's own nodes too: what Slurm does where the key isn't set. */
  readonly siteDefault?: string;
}

/** Words that newer versions ignore or log as defunct: never carried over from the site (release notes 23.02, 23.11). */
const DEFUNCT: Readonly<Record<string, SlurmVersion>> = {
  noaddrcache: "23.11",
  cloud_reg_addrs: "23.11",
  cloud: "23.02",
};

/**
 * The settings with the site's own words joined to the lists. Slurm takes the last of a repeated key and logs
 * an error, so a list must stand in one place.
 */
export function withSiteWords(
  settings: readonly ClusterSetting[],
  site: SiteConf | undefined,
  version: SlurmVersion,
): ClusterSetting[] {
  return settings.map((setting) => {
    if (!setting.isList || site === undefined) return setting;
    const ours = splitHostlist(String(setting.value));
    const kept = siteWords(setting.key, site, new Set(ours.map(wordName)), version);
    if (kept.length === 0) return setting;
    const says = [...(setting.says === undefined ? [] : [setting.says]), carriedComment(setting.key, kept)];
    return { ...setting, says: says.join("\n"), value: [...ours, ...kept].join(",") };
  });
}

/** The site's words of a list, its slurm.conf's before those of an earlier rendering, without those that we set. */
function siteWords(key: string, site: SiteConf, ours: Set<string>, version: SlurmVersion): string[] {
  const name = key.toLowerCase();
  // As hostlists are split: SuspendExcNodes may hold brackets, and no word of the other lists does.
  const theirs = splitHostlist(
    [site.settings.get(name)?.value ?? "", site.carried?.get(name) ?? ""].join(","),
  );
  return theirs.filter((word) => {
    if (word === "" || ours.has(wordName(word)) || isDefunct(word, version)) return false;
    ours.add(wordName(word));
    return true;
  });
}

/** What becomes of the site's own settings, because the rendered files say it now: which lines go, old → new. */
export function siteConflicts(settings: readonly ClusterSetting[], site: SiteConf | undefined): string[] {
  if (site === undefined) return [];
  return settings.filter(({ isRepeatable }) => !isRepeatable).flatMap((setting) => {
    const theirs = site.settings.get(setting.key.toLowerCase());
    return theirs === undefined ? changedDefault(setting, site) : [conflict(setting, theirs)];
  });
}

function conflict({ key, value, isList }: ClusterSetting, theirs: SiteSetting): string {
  const takeOut =
    `${theirs.file}:${theirs.line}: take out ${theirs.key}=${theirs.value}: power_save.conf sets ${key}`;
  if (isList) {
    const added = withoutWords(String(value), theirs.value);
    const dropped = withoutWords(theirs.value, String(value));
    return `${takeOut} with these words too` +
      (dropped.length === 0 ? "" : `, but for ${dropped.join(",")}`) +
      (added.length === 0 ? "" : `, and with ${added.join(",")}, for your own nodes too`);
  }
  return String(value) === theirs.value
    ? takeOut
    : `${takeOut}: ${theirs.value} → ${value}, for your own nodes too`;
}

/** The words of a list that another lacks. */
function withoutWords(list: string, other: string): string[] {
  const there = new Set(splitHostlist(other).map((word) => word.toLowerCase()));
  return splitHostlist(list).filter((word) => !there.has(word.toLowerCase()));
}

/** Only where the site has nodes of its own that it may matter to. */
function changedDefault({ key, value, siteDefault }: ClusterSetting, site: SiteConf): string[] {
  if (siteDefault === undefined || site.onPremNodes.length === 0) return [];
  return [`power_save.conf sets ${key}: ${siteDefault} → ${value}, for your own nodes too`];
}

/** The lines of a block: each setting below its reason. */
export function settingLines(settings: readonly ClusterSetting[]): string[] {
  return settings.flatMap(({ says, key, value }) => [
    ...(says === undefined ? [] : comment(...says.split("\n"))),
    `${key}=${value}`,
  ]);
}

function wordName(word: string): string {
  return word.split("=")[0]!.toLowerCase();
}

function isDefunct(word: string, version: SlurmVersion): boolean {
  const since = DEFUNCT[wordName(word)];
  return since !== undefined && compareVersions(version, since) >= 0;
}
