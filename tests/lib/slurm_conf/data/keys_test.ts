import { assert, assertEquals } from "@std/assert";
import {
  type KeyInfo,
  keyInfo,
  keysOf,
  type KeyStatus,
  keyStatus,
  type KeyTable,
} from "../../../../lib/slurm_conf/data/keys.ts";
import { whyNoRig } from "../../../e2e/rig.ts";
import { takesRoot, testWhere } from "../../../test_where.ts";
import { askSlurmctld } from "../real_parser.ts";

const KEYS: readonly (readonly [KeyTable, string, string, KeyStatus])[] = [
  ["slurm.conf", "ResumeProgram", "20.11", "known"],
  ["slurm.conf", "resumeprogram", "26.05", "known"],
  ["slurm.conf", "Bogus", "26.05", "unknown"],
  ["slurm.conf", "SuspendExcStates", "22.05", "unknown"],
  ["slurm.conf", "SuspendExcStates", "23.02", "known"],
  ["slurm.conf", "PowerParameters", "23.11", "known"],
  ["slurm.conf", "PowerParameters", "24.05", "defunct"],
  ["slurm.conf", "SlurmctldPlugstack", "22.05", "known"],
  ["slurm.conf", "SlurmctldPlugstack", "23.02", "unknown"],
  ["NodeName", "SuspendTime", "25.11", "unknown"],
  ["NodeName", "SuspendTime", "26.05", "known"],
  ["PartitionName", "SuspendTime", "20.11", "unknown"],
  ["PartitionName", "SuspendTime", "21.08", "known"],
  ["NodeSet", "Nodes", "20.11", "known"],
];

for (const [table, key, version, status] of KEYS) {
  Deno.test(
    `keyStatus() of ${key} on ${table} lines is ${status} in ${version}`,
    { permissions: "none" },
    () => {
      assertEquals(keyStatus(table, key, version), status);
    },
  );
}

Deno.test("keyInfo() gives Slurm's own spelling and the type", { permissions: "none" }, () => {
  assertEquals(keyInfo("slurm.conf", "TREEWIDTH"), { name: "TreeWidth", type: "uint16" });
  assertEquals(keyInfo("slurm.conf", "bogus"), undefined);
});

/** Keys that begin a line of several, or that other keys of the same file depend on. */
const ASKED_OTHERWISE: ReadonlySet<string> = new Set([
  "DownNodes",
  "FrontendName",
  "NodeName",
  "NodeSet",
  "PartitionName",
  "PowerAction",
]);

const plain = [...keysOf("slurm.conf").values()].filter(({ name }) => !ASKED_OTHERWISE.has(name));

const RECORDS = ["NodeName", "PartitionName", "NodeSet", "DownNodes"] as const;

interface Said {
  readonly unknown: ReadonlySet<string>;
  readonly defunct: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
  readonly booleans: ReadonlySet<string>;
}

/** What slurmctld says of keys that all have a value that is not a number and neither yes nor no. */
function saidOf(errors: readonly string[]): Said {
  const named = (pattern: RegExp) => new Set(errors.flatMap((error) => pattern.exec(error)?.[1] ?? []));
  return {
    unknown: named(/unrecognized key: (\S+)/),
    defunct: named(/option "(\S+)" is defunct/),
    numbers: named(/^(\S+) value .*is not a valid number/),
    booleans: named(/is not a valid option for "(\S+)"/),
  };
}

function checkKey(table: KeyTable, { name, type }: KeyInfo, said: Said, version: string): void {
  const status = keyStatus(table, name, version);
  const label = `${name} on ${table} lines of ${version}`;
  // Told of only where the rest of the file can be read.
  if (status !== "defunct") assertEquals(said.unknown.has(name), status === "unknown", label);
  assert(!said.defunct.has(name) || status === "defunct", label);
  if (status !== "known") return;
  assertEquals(said.booleans.has(name), type === "boolean", `${label}: ${type}`);
  assertEquals(said.numbers.has(name), type !== undefined && type !== "boolean", `${label}: ${type}`);
}

for (const version of ["22.05", "24.11", "26.05"] as const) {
  testWhere(
    takesRoot(whyNoRig(version)),
    `keyStatus() and types are those of slurmctld ${version}, for every key`,
    async () => {
      // One file with all plain keys: the parser tells of each key that it doesn't know and each value it can't take.
      const files = [plain.map(({ name }) => `${name}=@x\n`).join("")];
      for (const table of RECORDS) {
        // A line each: the parser leaves a line at its first error.
        files.push([...keysOf(table).values()].map(({ name }, i) => `${table}=x${i} ${name}=@x\n`).join(""));
      }
      const { verdicts } = await askSlurmctld(version, files.map((text) => ({ "slurm.conf": text })));
      const [ofPlain, ...ofRecords] = verdicts.map(({ errors }) => saidOf(errors));
      assert(ofPlain!.unknown.size > 10 && ofPlain!.numbers.size > 50 && ofPlain!.booleans.size > 3);
      for (const key of plain) checkKey("slurm.conf", key, ofPlain!, version);
      RECORDS.forEach((table, i) => {
        for (const key of keysOf(table).values()) checkKey(table, key, ofRecords[i]!, version);
      });
    },
  );
}
