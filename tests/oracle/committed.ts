import data2205 from "../../lib/slurm_conf/data/oracle_22.05.json" with { type: "json" };
import data2411 from "../../lib/slurm_conf/data/oracle_24.11.json" with { type: "json" };
import data2605 from "../../lib/slurm_conf/data/oracle_26.05.json" with { type: "json" };
import type { SlurmVersion } from "../e2e/rig.ts";
import type { Change, Table } from "./base.ts";
import type { Outcome } from "./verdict.ts";

/** A change of the committed data with what the daemon did. */
export interface Committed {
  readonly change: Change;
  readonly outcome: Outcome;
}

interface Data {
  readonly sets: readonly {
    readonly numbers: string;
    readonly values: Readonly<Record<string, readonly string[]>>;
  }[];
  readonly keys: Readonly<Record<string, { readonly set: number }>>;
}

const DATA: Readonly<Record<SlurmVersion, Data>> = {
  "22.05": data2205 as unknown as Data,
  "24.11": data2411 as unknown as Data,
  "26.05": data2605 as unknown as Data,
};

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  a: "accepted",
  l: "logged",
  r: "refused",
  m: "machine",
};

/** Every committed answer of a version; of whole numbers those at which the answer changes. */
export function committedAnswers(version: SlurmVersion): Committed[] {
  const { sets, keys } = DATA[version];
  return Object.entries(keys).flatMap(([name, { set }]) => {
    const [table, key] = name.split(" ") as [Table, string];
    const { numbers, values } = sets[set]!;
    const asked = [
      ...Object.entries(values).flatMap(([code, list]) => list.map((value) => [value, code] as const)),
      ...(numbers === "" ? [] : numbers.split(" ").map((part) => part.split(":") as [string, string])),
    ];
    return asked.map(([value, code]) => ({ change: { table, key, value }, outcome: OUTCOMES[code[0]!]! }));
  });
}
