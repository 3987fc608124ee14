/**
 * Verifies what `cost` takes for granted of accounting on a real slurmdbd with MariaDB, from Debian's packages:
 * `deno task verify:accounting VERSION` (22.05) writes `accounting-VERSION.json` next to this file. Takes root, a package
 * mirror and some minutes; nothing of it is left on the machine.
 */
import { assert, assertEquals } from "@std/assert";
import { costOf, NOT_ATTRIBUTED } from "../../lib/see/cost/cost.ts";
import { parseSacct, sacctArguments } from "../../lib/slurm/sacct.ts";
import { rootOf, type SlurmVersion, whyNoRig } from "../e2e/rig.ts";
import type { Lifetime } from "../../lib/store/lifetime.ts";

/** What each job is for. */
const JOBS = [
  "has a whole node",
  "has a CPU of two nodes",
  "is requeued once",
  "runs while slurmctld is restarted",
];
const SCRIPT = new URL("accounting.sh", import.meta.url).pathname;
const HOUR = 3_600_000;

async function answers(
  tree: string,
  window: { readonly from: number; readonly to: number },
): Promise<string> {
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
      tree,
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

const version = (Deno.args[0] ?? "22.05") as SlurmVersion;
const tree = rootOf(version);
if (tree === undefined || Deno.uid() !== 0) throw new Error(`Cannot run here: ${whyNoRig(version)}`);
const from = Date.now() - HOUR;
const to = Date.now() + HOUR;
const text = await answers(tree, { from, to });
console.log(text);
const [, whole, both, again, held, over] = /^jobs whole=(\d+) both=(\d+) again=(\d+) held=(\d+) over=(\d+)$/m
  .exec(text)!;
const release = /^slurm\S* (\d.+)$/m.exec(text)![1]!;
const client = /^client (.+)$/m.exec(text)![1]!;
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
// slurmctld was restarted while it ran: it is one try all the same, with all of its time.
assertEquals(tries(over).map(({ cpus, nodes, account }) => [cpus, nodes, account]), [[1, ["c0"], "chem"]]);
assert(seconds(over, to).every((took) => took >= 11 && took <= 60), "a job of twelve seconds over a restart");

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
  [whole!, both!, again!, over!, NOT_ATTRIBUTED].sort((a, b) =>
    Number(a === NOT_ATTRIBUTED) - Number(b === NOT_ATTRIBUTED) || Number(a) - Number(b)
  ),
);
const { stdout } = await new Deno.Command("git", { args: ["rev-parse", "--short", "HEAD"] }).output();
const result = {
  date: new Date().toISOString().slice(0, 10),
  commit: new TextDecoder().decode(stdout).trim(),
  version: release,
  libmariadb3: client,
  outcome: "as it must be",
  jobs: cost.rows.map(({ name, hours, cents }) => ({
    name: name === NOT_ATTRIBUTED ? name : JOBS[[whole, both, again, over].indexOf(name)],
    seconds: Math.round(hours * 3_600),
    cents,
  })),
  cents: cost.total.cents,
};
const url = new URL(`accounting-${version}.json`, import.meta.url);
await Deno.writeTextFile(url, `${JSON.stringify(result, null, 2)}\n`);
console.log(`Accounting of ${release} is as cost takes it`);
