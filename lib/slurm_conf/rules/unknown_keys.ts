import { didYouMean } from "../../base/did_you_mean.ts";
import type { Context } from "../context.ts";
import { keyInfo, keysOf, keyStatus, type KeyTable } from "../data/keys.ts";
import type { Setting } from "../document.ts";
import { removeEntry, removeFromRecord, replaceKey } from "../edit.ts";
import type { Fix, Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, SUPPORTED_VERSIONS } from "../versions.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

const [OLDEST] = SUPPORTED_VERSIONS;
/** Keys whose own rules say when a release doesn't know them. */
const JUDGED_BY_OWN_RULE: ReadonlySet<string> = new Set([
  "slurm.conf suspendexcstates",
  "slurm.conf poweraction",
  "PartitionName powerdownonidle",
  "PartitionName suspendtime",
  "PartitionName resumetimeout",
  "PartitionName suspendtimeout",
  "NodeName suspendtime",
]);

/** SC011. */
export const unknownKey: Rule = {
  id: "SC011",
  title: "Key unknown to this Slurm",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "A key is mistyped, of a newer release, or was removed.",
  why: "slurmctld and every command stop with `Parsing error at unrecognized key`.",
  remedy: "Correct the key, or remove the setting.",
  sources: [SLURM_CONF, fileOf("26.05", "src/common/parse_config.c")],
  *check(context: Context): Iterable<Report> {
    for (const entry of context.document.entries) {
      if (entry.kind === "setting") {
        yield* judge(context, {
          table: "slurm.conf",
          setting: entry,
          removal: () => ({ title: "Remove the line", edits: [removeEntry(entry)], safe: false }),
        });
      } else if (entry.kind === "record" && entry.type !== "Name") {
        const [first, ...rest] = entry.settings;
        yield* judge(context, {
          table: "slurm.conf",
          setting: first!,
          removal: () => ({ title: "Remove the line", edits: [removeEntry(entry)], safe: false }),
        });
        for (const setting of rest) {
          yield* judge(context, {
            table: entry.type,
            setting,
            removal: () => ({
              title: `Remove ${setting.key}`,
              edits: [removeFromRecord(entry, setting)],
              safe: false,
            }),
          });
        }
      }
    }
  },
};

interface Candidate {
  readonly table: KeyTable;
  readonly setting: Setting;
  /** Made only when it is needed: a large file has many keys and few unknown ones. */
  readonly removal: () => Fix;
}

function* judge(context: Context, { table, setting, removal }: Candidate): Iterable<Report> {
  const info = keyInfo(table, setting.name);
  if (info !== undefined) {
    // Asked only where the answer differs between releases, so that the rest is judged once for all of them.
    if (info.removed === undefined && (info.since ?? OLDEST) <= OLDEST) return;
    if (JUDGED_BY_OWN_RULE.has(`${table} ${setting.name}`)) return;
    if (keyStatus(table, setting.name, context.version) !== "unknown") return;
    const why = info.removed !== undefined && context.version >= info.removed
      ? `was removed in ${info.removed}`
      : `came with ${info.since}`;
    yield {
      at: setting.keySpan,
      message: `${where(table, setting.key)} ${why}: slurmctld does not start; remove it`,
      fix: removal(),
    };
    return;
  }
  const near = didYouMean(setting.key, [...keysOf(table).values()].map((known) => known.name));
  yield {
    at: setting.keySpan,
    message: `${where(table, setting.key)} is not a key of any Slurm: slurmctld does not start; ${
      near === undefined ? "remove it" : `did you mean ${near}?`
    }`,
    fix: near === undefined
      ? removal()
      : { title: `Write ${near}`, edits: [replaceKey(setting, near)], safe: false },
  };
}

function where(table: KeyTable, key: string): string {
  return table === "slurm.conf" ? `"${key}"` : `"${key}" on a ${table} line`;
}
