import type { Context } from "../context.ts";
import type { Entry, RecordEntry, RecordType, Setting } from "../document.ts";

/** A setting of a record's line and the record. */
export interface RecordSetting {
  readonly entry: RecordEntry;
  readonly setting: Setting;
}

type Index = ReadonlyMap<RecordType, ReadonlyMap<string, readonly RecordSetting[]>>;

/** Every setting of a key on lines of a type, DEFAULT lines included, in reading order. Key in any case. */
export function recordSettings(context: Context, type: RecordType, key: string): readonly RecordSetting[] {
  const index = context.once(makeIndex, () => makeIndex(context.document.entries));
  return index.get(type)?.get(key.toLowerCase()) ?? [];
}

function makeIndex(entries: readonly Entry[]): Index {
  const index = new Map<RecordType, Map<string, RecordSetting[]>>();
  for (const entry of entries) {
    if (entry.kind !== "record") continue;
    let ofType = index.get(entry.type);
    if (ofType === undefined) index.set(entry.type, ofType = new Map());
    for (const setting of entry.settings) {
      const group = ofType.get(setting.name);
      if (group === undefined) ofType.set(setting.name, [{ entry, setting }]);
      else group.push({ entry, setting });
    }
  }
  return index;
}
