import { type Document, positionAt, recordSetting } from "../document.ts";
import { WRITTEN_BY } from "./file_head.ts";
import type { SiteConf, SiteSetting } from "./render_input.ts";

/**
 * What rendering needs to know of the site's own configuration. Files that this program wrote are left out:
 * once installed they are a part of it, and would be taken for the site's wishes.
 */
export function siteConf(documents: readonly Document[]): SiteConf {
  const onPremNodes = new Set<string>();
  const settings = new Map<string, SiteSetting>();
  for (const entry of documents.flatMap(({ entries }) => entries)) {
    const { file, start } = entry.span;
    if (file.text.split("\n", 1)[0]!.includes(WRITTEN_BY)) continue;
    if (entry.kind === "setting") {
      const { line } = positionAt(file, start);
      settings.set(entry.name, { key: entry.key, value: entry.value.text, file: file.path, line });
    }
    if (entry.kind !== "record" || entry.type !== "NodeName" || entry.isDefault) continue;
    // slurm.conf(5): State=CLOUD may carry nothing else; all other states are of nodes that exist already.
    if (recordSetting(entry, "State")?.value.text.toUpperCase() !== "CLOUD") onPremNodes.add(entry.name.text);
  }
  return { onPremNodes: [...onPremNodes], settings };
}
