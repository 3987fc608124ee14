import { assert, assertEquals, assertMatch } from "@std/assert";
import { errorRule } from "../../lib/aws/error_codes.ts";
import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { testWhere } from "../test_where.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { jobState, nodeFields } from "./observe.ts";
import { type Rig, whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

/** Nodes of the refused group; CI's slice is as small as a walk through it shows. */
const NODES = Number(Deno.env.get("SLURM_EC2_GROUP_NODES") ?? "12");
/** Seconds for which the job is watched after its refusal; fast retries come every 12 s at most. */
const WATCHED = Number(Deno.env.get("SLURM_EC2_GROUP_SECONDS") ?? "30");
/** A class of refusals each; CI plays the first. */
const CLASSES = (Deno.env.get("SLURM_EC2_GROUP_CODES") ?? "InsufficientInstanceCapacity").split(",");

const LAST = NODES - 1;
/** Retries as fast as each version has them: what walks through a group within seconds. */
const FAST = { "22.05": "cred_expire=10", "24.11": "cred_expire=10", "26.05": "requeue_delay" };

for (const version of VERSIONS) {
  for (const code of CLASSES) {
    testWhere(
      whyNoRig(version),
      `a one-node job refused with ${code} takes no second node of its group, and runs in another on Slurm ${version}`,
      async () => {
        const cluster = await startCluster({
          version,
          slurmUser: "slurm",
          nodes: NODES + 2,
          groups: [
            { name: "full", nodes: `c[0-${LAST}]`, instanceType: "m7i.large" },
            { name: "c", nodes: `c[${NODES}-${NODES + 1}]`, instanceType: "c7i.xlarge" },
          ],
          suspendTime: 3600,
          resumeTimeout: 300,
          limits: { launchCheckSeconds: 0, cooldown: 3_600, expectedBootSeconds: 20 },
          extraConf: retries(version),
        });
        try {
          await refusedJobTakesNoSecondNode(cluster, code);
        } finally {
          await cluster.close();
        }
      },
    );
  }
}

function retries(version: keyof typeof FAST) {
  return ({ dir }: { readonly dir: string }) =>
    version === "26.05"
      ? "SchedulerParameters=bf_interval=1,sched_interval=2,sched_min_interval=0,batch_sched_delay=0,requeue_delay=2"
      : `AuthInfo=socket=${dir}/munge/sock,cred_expire=10`;
}

async function refusedJobTakesNoSecondNode(cluster: Cluster, code: string): Promise<void> {
  const { rig } = cluster;
  await cluster.tell("faults", { kind: "error", action: "RunInstances", code, times: 1_000 });
  // A person's nodes stay the person's.
  await run(rig, "scontrol", "update", "NodeName=c1", "State=DRAIN", "Reason=a fan");
  await run(rig, "scontrol", "update", "NodeName=c2", "State=DOWN", "Reason=a disk");
  // The job may go to the first group only, until that is out.
  await run(rig, "scontrol", "update", `NodeName=c[${NODES}-${NODES + 1}]`, "State=DOWN", "Reason=later");
  const job = (await run(rig, "sbatch", "--parsable", "-N1", "--output=/dev/null", "--wrap", "true")).trim();
  await rig.until("the group is out of scheduling", 60, async () => {
    const states = await rig.sinfo();
    return names(`c[0-${LAST}]`).every((name) => /^(?:down|drain)/.test(states.get(name)!));
  });
  await new Promise((resolve) => setTimeout(resolve, WATCHED * 1_000));
  assert(hookCalls(cluster, "resume") <= 2, `${hookCalls(cluster, "resume")} calls of ResumeProgram`);
  const calls = await cluster.calls();
  assertEquals(calls.RunInstances, 1);
  assertEquals(await restarts(rig, job), 1);
  const failed = await reasonsOf(rig, code);
  assertMatch(failed.own, /until=/);
  assertMatch(failed.others, /node group full is refused: /);
  assertEquals((await nodeFields(rig, "c1")).reason, "a fan");
  assertEquals((await nodeFields(rig, "c2")).reason, "a disk");
  assertMatch(await jobComment(rig, job), new RegExp(`${code}: `));

  await cluster.tell("faults", []);
  await run(rig, "scontrol", "update", `NodeName=c[${NODES}-${NODES + 1}]`, "State=IDLE");
  await rig.until(
    "the job has run in the other group",
    180,
    async () => (await jobState(rig, job)).startsWith("COMPLETED"),
  );
  // Both groups' types are of one quota: it is out for the other group as well, whose first node finds that out.
  const most = errorRule(code).scope === "capacity-type" ? 2 : 1;
  assert(await restarts(rig, job) <= most, "the job was requeued again");
}

const names = (hostlist: string) => expandHostlist(hostlist);

async function run(rig: Rig, ...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await rig.run(argv);
  assertEquals(code, 0, `${argv.join(" ")}: ${stderr}${stdout}\n${rig.logTails()}`);
  return stdout;
}

function hookCalls({ log }: Cluster, kind: string): number {
  return [...Deno.readTextFileSync(log).matchAll(new RegExp(` ${kind} c\\S+$`, "gm"))].length;
}

async function restarts(rig: Rig, job: string): Promise<number> {
  return Number(/ Restarts=(\d+)/.exec(await run(rig, "scontrol", "-o", "show", "job", job))?.[1]);
}

async function jobComment(rig: Rig, job: string): Promise<string> {
  return /AdminComment=(.*)/.exec(await run(rig, "scontrol", "-o", "show", "job", job))?.[1] ?? "";
}

/** The reason of the node that was tried, and of one that was not. */
async function reasonsOf(rig: Rig, code: string): Promise<{ own: string; others: string }> {
  const { stdout } = await rig.run(["sinfo", "-h", "-R", "-o", "%E"]);
  const ours = stdout.split("\n").filter((line) => line.startsWith(`${code}: `));
  return {
    own: ours.find((line) => !line.includes("node group")) ?? stdout,
    others: ours.find((line) => line.includes("node group")) ?? stdout,
  };
}
