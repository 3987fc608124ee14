import { type Document, positionAt, recordSetting, type Setting, type SourceFile } from "../document.ts";
import { splitHostlist } from "../../slurm/hostlist.ts";
import { carriedWords } from "./carried_words.ts";
import { WRITTEN_BY } from "./file_head.ts";
import type { SiteConf, SiteSetting } from "./render_input.ts";

/** Whether a file was rendered by this program, by the first line of it. */
export function isOurs({ text }: Pick<SourceFile, "text">): boolean {
  const end = text.indexOf("\n");
  return text.slice(0, end < 0 ? text.length : end).includes(WRITTEN_BY);
}

/**
 * What rendering needs to know of the site's own configuration. Files that this program wrote are left out, but for
 * what they took over from the site: once installed they are a part of it, and would be taken for the site's wishes.
 */
export function siteConf(documents: readonly Document[]): SiteConf {
  const onPremNodes = new Set<string>();
  const settings = new Map<string, SiteSetting>();
  const carried = new Map<string, string>();
  const nodeDefaults: SiteSetting[] = [];
  const excludedBefore = new Set<string>();
  for (const entry of documents.flatMap(({ entries }) => entries)) {
    const { file, start } = entry.span;
    if (isOurs(file)) {
      for (const [key, words] of carriedWords(file.text)) carried.set(key, words);
      if (entry.kind === "setting" && entry.name === "suspendexcnodes") {
        for (const hostlist of splitHostlist(entry.value.text)) excludedBefore.add(hostlist);
      }
      continue;
    }
    const asSetting = ({ key, value }: Setting) => ({
      key,
      value: value.text,
      file: file.path,
      line: positionAt(file, start).line,
    });
    if (entry.kind === "setting") settings.set(entry.name, asSetting(entry));
    if (entry.kind !== "record" || entry.type !== "NodeName") continue;
    if (entry.isDefault) {
      nodeDefaults.push(...entry.settings.slice(1).map(asSetting));
      continue;
    }
    // slurm.conf(5): State=CLOUD may carry nothing else; all other states are of nodes that exist already.
    if (recordSetting(entry, "State")?.value.text.toUpperCase() !== "CLOUD") onPremNodes.add(entry.name.text);
  }
  return {
    onPremNodes: [...onPremNodes],
    ...(excludedBefore.size === 0 ? {} : { excludedBefore: [...excludedBefore] }),
    settings,
    carried,
    nodeDefaults,
  };
}
