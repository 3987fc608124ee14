/**
 * Verifies what `cost` takes for granted of accounting on a real slurmdbd with MariaDB, from Debian's packages:
 * `deno task verify:accounting`. Takes root, a package mirror and some minutes; nothing of it is left on the machine.
 */
import { assert, assertEquals } from "@std/assert";
import { costOf, NOT_ATTRIBUTED } from "../../lib/see/cost/cost.ts";
import { parseSacct, sacctArguments } from "../../lib/slurm/sacct.ts";
import type { Lifetime } from "../../lib/store/lifetime.ts";

const SCRIPT = new URL("accounting.sh", import.meta.url).pathname;
const HOUR = 3_600_000;

async function answers(window: { readonly from: number; readonly to: number }): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-accounting-" });
  try {
    const args = [
      "--mount",
      "--propagation",
      "private",
      "--pid",
      "--uts",
      "--fork",
      "--kill-child",
      "sh",
      SCRIPT,
      dir,
    ];
    const { success, stdout, stderr } = await new Deno.Command("unshare", {
      args: [...args, ...sacctArguments(window.from, window.to)],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

if (Deno.uid() !== 0) throw new Error("a slurmdbd of its own takes root (namespaces, mounts, packages)");
const from = Date.now() - HOUR;
const to = Date.now() + HOUR;
const text = await answers({ from, to });
console.log(text);
const [, whole, both, again, held] = /^jobs whole=(\d+) both=(\d+) again=(\d+) held=(\d+)$/m.exec(text)!;
const jobs = parseSacct(text);
const tries = (id: string | undefined) => jobs.filter(({ jobId }) => jobId === id);
const seconds = (id: string | undefined, end: number) =>
  tries(id).map((job) => ((job.end ?? end) - job.start) / 1000);

assertEquals(tries(whole).map(({ cpus, nodes, account }) => [cpus, nodes, account]), [[4, ["c0"], "chem"]]);
assertEquals(tries(both).map(({ cpus, nodes }) => [cpus, nodes]), [[2, ["c0", "c1"]]]);
assert(seconds(whole, to).every((took) => took >= 5 && took <= 30), "a job of six seconds");
// A requeued job has a row for each try, and one that never ran has none that counts.
assertEquals(tries(again).map(({ nodes }) => nodes), [["c1"], ["c1"]]);
assertEquals(tries(held), []);

const lifetime = (node: string): Lifetime => ({
  ...{ instanceId: `i-${node}`, node, nodeGroup: "c", instanceType: "t", availabilityZone: "z" },
  ...{ capacityType: "on-demand", imageId: "ami", began: from, up: from, ended: to },
});
const cost = costOf([lifetime("c0"), lifetime("c1")], {
  ...{ window: { from, to }, now: to, running: new Set<string>(), priceOf: () => 100, jobs },
  partitionsOf: () => "cloud",
}, "job");
assertEquals(cost.rows.reduce((sum, { cents }) => sum + cents, 0), cost.total.cents);
assertEquals(cost.total.cents, 40_000);
assertEquals(
  cost.rows.map(({ name }) => name),
  [whole!, both!, again!, NOT_ATTRIBUTED].sort((a, b) =>
    Number(a === NOT_ATTRIBUTED) - Number(b === NOT_ATTRIBUTED) || Number(a) - Number(b)
  ),
);
console.log("Accounting is as cost takes it");
