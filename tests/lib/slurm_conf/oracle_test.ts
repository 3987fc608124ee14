import { assertEquals } from "@std/assert";
import { ORACLE_VERSIONS, oracleAnswer, oracleHandedOn } from "../../../lib/slurm_conf/oracle.ts";
import { keysOf } from "../../../lib/slurm_conf/data/keys.ts";
import { NOT_HANDED_ON } from "../../../lib/slurm_conf/parse.ts";
import data2205 from "../../../lib/slurm_conf/data/oracle_22.05.json" with { type: "json" };
import data2411 from "../../../lib/slurm_conf/data/oracle_24.11.json" with { type: "json" };
import data2605 from "../../../lib/slurm_conf/data/oracle_26.05.json" with { type: "json" };
import { mergedOracle } from "../../oracle/merged.ts";

Deno.test("oracle_all.json, which lint reads, is made of what each daemon answered", () => {
  const committed = new URL("../../../lib/slurm_conf/data/oracle_all.json", import.meta.url);
  assertEquals(mergedOracle([data2205, data2411, data2605]), Deno.readTextFileSync(committed));
});

for (const [index, data] of [data2205, data2411, data2605].entries()) {
  const version = ORACLE_VERSIONS[index]!;
  Deno.test(`oracleAnswer() gives what slurmctld ${version} was asked back as it was answered`, () => {
    const outcomes = { a: "accepted", l: "logged", r: "refused", m: "machine" } as Record<string, string>;
    for (const [name, { set }] of Object.entries(data.keys as Record<string, { set: number }>)) {
      const [table, key] = name.split(" ") as ["slurm.conf", string];
      const { values } = data.sets[set] as unknown as { values: Record<string, string[]> };
      for (const [code, asked] of Object.entries(values)) {
        for (const value of asked) {
          const answer = oracleAnswer(version, table, key, value)!;
          const words = code === "a" ? "" : data.words[Number(code.slice(1))];
          assertEquals([answer.outcome, answer.words, answer.how, answer.restsOn, ...answer.seen], [
            outcomes[code[0]!],
            words,
            "asked",
            "daemon",
            data.slurm,
          ], `${name}=${value}`);
        }
      }
    }
  });
}

Deno.test("oracleAnswer() knows nothing of a key that no daemon was asked about, nor of a release older than all", () => {
  assertEquals(oracleAnswer("24.11", "slurm.conf", "NoSuchKey", "1"), undefined);
  assertEquals(oracleAnswer("20.11", "slurm.conf", "KillWait", "1"), undefined);
});

Deno.test("oracleAnswer() answers for a release between two daemons that agree, and says what that rests on", () => {
  const answer = oracleAnswer("23.11", "slurm.conf", "KillWait", "-1")!;
  assertEquals(answer.outcome, "refused");
  assertEquals(answer.restsOn, "manual");
  assertEquals(answer.seen, ["22.05.8", "24.11.5"]);
  assertEquals(oracleAnswer("24.11", "slurm.conf", "KillWait", "-1")!.restsOn, "daemon");
});

Deno.test("oracleAnswer() reads a key in any case and a value with or without its quotes", () => {
  const plain = oracleAnswer("22.05", "slurm.conf", "KillWait", "-1")!;
  assertEquals(oracleAnswer("22.05", "slurm.conf", "KILLWAIT", '"-1"')!.outcome, plain.outcome);
});

Deno.test("oracleHandedOn() says what a DEFAULT line hands on: of SuspendTime nothing, of ExclusiveTopo neither", () => {
  assertEquals(oracleHandedOn("22.05", "PartitionName", "SuspendTime"), "no");
  assertEquals(oracleHandedOn("24.11", "PartitionName", "EXCLUSIVETOPO"), "no");
  assertEquals(oracleHandedOn("26.05", "PartitionName", "MaxTime"), "yes");
  assertEquals(oracleHandedOn("23.11", "PartitionName", "MaxTime"), "yes");
  assertEquals(oracleHandedOn("24.11", "NodeName", "NodeAddr"), "refused");
  assertEquals(oracleHandedOn("24.11", "NodeName", "NoSuchKey"), undefined);
});

Deno.test("NOT_HANDED_ON are the partition keys that the daemons' DEFAULT lines keep to themselves", () => {
  const kept = ORACLE_VERSIONS.flatMap((version) =>
    [...keysOf("PartitionName").values()].filter(({ name }) =>
      oracleHandedOn(version, "PartitionName", name) === "no"
    )
      .map(({ name }) => name.toLowerCase())
  );
  assertEquals([...new Set(kept)].toSorted(), [...NOT_HANDED_ON].toSorted());
});
