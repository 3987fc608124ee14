import { type Document, positionAt, recordSetting, type Setting } from "../document.ts";
import { carriedWords } from "./carried_words.ts";
import { WRITTEN_BY } from "./file_head.ts";
import type { SiteConf, SiteSetting } from "./render_input.ts";

/**
 * What rendering needs to know of the site's own configuration. Files that this program wrote are left out, but for
 * what they took over from the site: once installed they are a part of it, and would be taken for the site's wishes.
 */
export function siteConf(documents: readonly Document[]): SiteConf {
  const onPremNodes = new Set<string>();
  const settings = new Map<string, SiteSetting>();
  const carried = new Map<string, string>();
  const nodeDefaults: SiteSetting[] = [];
  for (const entry of documents.flatMap(({ entries }) => entries)) {
    const { file, start } = entry.span;
    if (file.text.split("\n", 1)[0]!.includes(WRITTEN_BY)) {
      for (const [key, words] of carriedWords(file.text)) carried.set(key, words);
      continue;
    }
    const told = ({ key, value }: Setting) => ({
      key,
      value: value.text,
      file: file.path,
      line: positionAt(file, start).line,
    });
    if (entry.kind === "setting") settings.set(entry.name, told(entry));
    if (entry.kind !== "record" || entry.type !== "NodeName") continue;
    if (entry.isDefault) {
      nodeDefaults.push(...entry.settings.slice(1).map(told));
      continue;
    }
    // slurm.conf(5): State=CLOUD may carry nothing else; all other states are of nodes that exist already.
    if (recordSetting(entry, "State")?.value.text.toUpperCase() !== "CLOUD") onPremNodes.add(entry.name.text);
  }
  return { onPremNodes: [...onPremNodes], settings, carried, nodeDefaults };
}
