import { compareVersions, type SlurmVersion } from "../versions.ts";
import { carriedComment } from "./carried_words.ts";
import { comment } from "./conf_text.ts";
import type { SiteConf } from "./render_input.ts";

/** One cluster-wide setting of the power-saving block. */
export interface ClusterSetting {
  /** Why it is there, for people. */
  readonly says?: string;
  readonly key: string;
  readonly value: string | number;
  /** Whether the value is a list of words that the site's own words are joined to. */
  readonly isList?: boolean;
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
    const ours = String(setting.value).split(",");
    const kept = siteWords(setting.key, site, new Set(ours.map(wordName)), version);
    if (kept.length === 0) return setting;
    const says = [...(setting.says === undefined ? [] : [setting.says]), carriedComment(setting.key, kept)];
    return { ...setting, says: says.join("\n"), value: [...ours, ...kept].join(",") };
  });
}

/** The site's words of a list, its slurm.conf's before those of an earlier rendering, without those that we set. */
function siteWords(key: string, site: SiteConf, ours: Set<string>, version: SlurmVersion): string[] {
  const name = key.toLowerCase();
  const theirs = [site.settings.get(name)?.value ?? "", site.carried?.get(name) ?? ""].join(",").split(",");
  return theirs.filter((word) => {
    if (word === "" || ours.has(wordName(word)) || isDefunct(word, version)) return false;
    ours.add(wordName(word));
    return true;
  });
}

/** What to take out of the site's slurm.conf, because the rendered files say it now. */
export function siteConflicts(settings: readonly ClusterSetting[], site: SiteConf | undefined): string[] {
  return settings.flatMap(({ key, isList }) => {
    const theirs = site?.settings.get(key.toLowerCase());
    return theirs === undefined ? [] : [
      `${theirs.file}:${theirs.line}: take out ${theirs.key}=${theirs.value}: power_save.conf sets ${key}` +
      (isList ? " with these words too" : ""),
    ];
  });
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
