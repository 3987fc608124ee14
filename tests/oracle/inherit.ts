import type { SlurmVersion } from "../e2e/rig.ts";
import { type Change, changed, type ConfFiles, SIZES } from "./base.ts";
import type { KeyAnswers } from "./collect.ts";
import { askDaemon } from "./daemon.ts";
import { shownValue } from "./shown.ts";
import { behind, filesOf } from "./shapes/shape.ts";

const RECORDS = {
  NodeName: {
    own: "NodeName=d0 CPUs=4 RealMemory=1000 State=CLOUD",
    innocent: { key: "Weight", value: "1" },
  },
  PartitionName: { own: "PartitionName=q Nodes=c[0-1]", innocent: { key: "Hidden", value: "NO" } },
} as const;

/** Whether a DEFAULT line hands a value on, or may not have the key at all. */
export type HandedOn = "yes" | "no" | "refused";

/**
 * Whether a NodeName or PartitionName line has a key's value from the DEFAULT line above it, by `TABLE KEY`; without
 * the keys of which `scontrol show` tells nothing.
 */
export async function collectInheritance(
  version: SlurmVersion,
  answers: ReadonlyMap<string, KeyAnswers>,
): Promise<Record<string, HandedOn>> {
  const tables = ["NodeName", "PartitionName"] as const;
  const plain = await askDaemon(
    version,
    tables.map((table) => changed([{ table, ...RECORDS[table].innocent }])),
  );
  const telling = tables.flatMap((table, index) =>
    [...answers.values()].flatMap((key) => {
      const asked = [...key.values()].filter(({ change, outcome }) =>
        change.table === table && outcome === "accepted"
      );
      const found = asked.find(({ change, shown }) =>
        shown !== undefined && shown !== shownValue(plain[index]!, change) && !isOwn(change)
      );
      return found === undefined ? [] : [found];
    })
  );
  const seen = await askDaemon(version, telling.map(({ change }) => onDefaultLine(change)));
  const entries = telling.map(({ change, shown }, index): [string, HandedOn] => {
    const one = seen[index]!;
    const handedOn = one.outcome !== "starts" ? "refused" : shownValue(one, change) === shown ? "yes" : "no";
    return [`${change.table} ${change.key}`, handedOn];
  });
  return Object.fromEntries(entries);
}

/** A key that the record needs for itself. */
function isOwn({ table, key }: Change): boolean {
  return RECORDS[table as keyof typeof RECORDS].own.toLowerCase().includes(` ${key.toLowerCase()}=`);
}

/** The key on a DEFAULT line, above a record that says nothing of it, nor of a node's other sizes besides one. */
function onDefaultLine({ table, key, value }: Change): ConfFiles {
  const record = table as keyof typeof RECORDS;
  const own = SIZES.has(key.toLowerCase()) ? "NodeName=d0 RealMemory=1000 State=CLOUD" : RECORDS[record].own;
  const partition = record === "NodeName" ? ["PartitionName=r Nodes=d0"] : [];
  return filesOf(behind(`${record}=DEFAULT ${key}=${value}`, own, ...partition));
}
