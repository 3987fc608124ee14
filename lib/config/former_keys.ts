import { type Document, isMap, isScalar } from "yaml";

/** Keys that were called otherwise in earlier releases, by the mapping that they stand in. */
const FORMER_KEYS: readonly { readonly within: string; readonly former: string; readonly now: string }[] = [
  { within: "limits", former: "birthCheckSeconds", now: "launchCheckSeconds" },
];

/**
 * Gives a document's keys the names that they have now; a key whose new name is there as well stays as it is, and is
 * unknown then. Answers one sentence for each, without a final period.
 */
export function renameFormerKeys(document: Document): string[] {
  return FORMER_KEYS.flatMap(({ within, former, now }) => {
    const map = isMap(document.contents) ? document.contents.get(within) : undefined;
    if (!isMap(map) || map.has(now)) return [];
    const pair = map.items.find(({ key }) => isScalar(key) && key.value === former);
    if (pair === undefined || !isScalar(pair.key)) return [];
    pair.key.value = now;
    return [
      `${within}.${former} is called ${within}.${now} now: rename it; this release still reads the old name`,
    ];
  });
}
