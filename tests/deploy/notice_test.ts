import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Metadata, withFakeNode } from "./fake_node.ts";

const TIME = "2026-11-30T18:02:00Z";
const SPOT: Metadata["more"] = { "meta-data/instance-life-cycle": "spot" };
const SPOT_NOTICE: Metadata["more"] = {
  ...SPOT,
  "meta-data/spot/instance-action": `{"action": "terminate", "time": "${TIME}"}`,
};
const TAKEN_OUT =
  `scontrol update nodename=c0 state=power_down_asap reason=SpotInterruption: EC2 takes this spot instance back at ${TIME} [slurm-ec2]`;

/** What slurmctld has: jobs on the node, by id. */
interface Job {
  /** What `squeue -o '%T %r'` says, look by look; the last one stays. */
  readonly states: readonly string[];
  readonly requeue: boolean;
  /** False: scontrol refuses to requeue it, as it does an srun's. */
  readonly isBatch?: boolean;
}

/**
 * Runs the script until it has looked that number of times; its waits are short, and end with a process that it watches.
 * @returns what was changed at slurmctld, and what was said on the console
 */
async function notice(
  more: Metadata["more"],
  { jobs = {}, facts = "", rounds = 4, refuse = 0 }: {
    readonly jobs?: Readonly<Record<string, Job>>;
    readonly facts?: string;
    readonly rounds?: number;
    /** How often slurmctld does not take the first change. */
    readonly refuse?: number;
  } = {},
): Promise<{ changes: string[]; said: string }> {
  let result = { changes: [] as string[], said: "" };
  await withFakeNode({ more }, async (node) => {
    const watched = new Deno.Command("sleep", { args: ["infinity"] }).spawn();
    node.write("run/node", `NODE_NAME=c0\n${facts}`);
    const ids = Object.keys(jobs);
    const requeueable = ids.filter((id) => jobs[id]!.requeue).join("|") || "none";
    const notBatch = ids.filter((id) => jobs[id]!.isBatch === false).join("|") || "none";
    // Every round ends with a pause: after that number of them the watched process ends.
    node.program(
      "sleep",
      `echo x >>${node.dir}/rounds
       [ "$(wc -l <${node.dir}/rounds)" -lt ${rounds} ] || kill ${watched.pid} 2>/dev/null
       exec /bin/sleep 0.01`,
    );
    node.program(
      "squeue",
      `case "$*" in
         *"-w c0"*) printf '%s\\n' ${ids.join(" ")} ;;
         ${
        ids.map((id) =>
          `*"-j ${id} "*)
           echo x >>${node.dir}/look-${id}
           line=$(wc -l <${node.dir}/look-${id})
           set -- ${jobs[id]!.states.map((state) => `'${state}'`).join(" ")}
           [ "$line" -le "$#" ] || line=$#
           shift $((line - 1))
           echo "$1" ;;`
        ).join("\n")
      }
       esac`,
    );
    node.program(
      "scontrol",
      `case "$*" in
         "-o show job "*)
           case "$4" in ${requeueable}) echo "JobId=$4 Requeue=1 Restarts=0" ;; *) echo "JobId=$4 Requeue=0 Restarts=0" ;; esac ;;
         "requeue "*) case "$2" in ${notBatch}) exit 1 ;; *) echo "scontrol $*" >>$record ;; esac ;;
         *)
           echo x >>${node.dir}/asked
           [ "$(wc -l <${node.dir}/asked)" -gt ${refuse} ] || exit 1
           echo "scontrol $*" >>$record ;;
       esac`,
    );
    const { said } = await node.run("notice", { SLURM_EC2_GUARD_PID: String(watched.pid) });
    await watched.status;
    result = { changes: node.recorded(), said };
  });
  return result;
}

Deno.test("notice does nothing while EC2 has nothing to say", async () => {
  assertEquals(await notice(SPOT), { changes: [], said: "" });
  assertEquals(await notice({ "meta-data/events/maintenance/scheduled": "[]" }), { changes: [], said: "" });
});

Deno.test("notice takes the node out and puts its batch jobs back, each by itself, when a spot notice comes", async () => {
  const { changes, said } = await notice(SPOT_NOTICE, {
    jobs: {
      7: {
        states: ["COMPLETING None", "PENDING Cleaning", "PENDING BeginTime", "PENDING Priority"],
        requeue: true,
      },
      8: { states: ["PENDING BeginTime", "CONFIGURING None"], requeue: true },
      9: { states: ["RUNNING None"], requeue: false },
      10: { states: ["RUNNING None"], requeue: true, isBatch: false },
    },
    rounds: 8,
  });
  assertEquals(changes[0], TAKEN_OUT);
  assertEquals(changes.slice(1).sort(), [
    "scontrol requeue 7",
    "scontrol requeue 8",
    "scontrol update jobid=7 starttime=now",
    "scontrol update jobid=8 starttime=now",
  ]);
  assert(
    changes.indexOf("scontrol requeue 7") < changes.indexOf("scontrol update jobid=7 starttime=now"),
    changes.join("\n"),
  );
  assertStringIncludes(said, `EC2 takes this spot instance back at ${TIME}: c0 takes no further jobs`);
});

Deno.test("notice takes the node out and leaves its jobs alone when ON_NOTICE is drain", async () => {
  const { changes } = await notice(SPOT_NOTICE, {
    facts: "ON_NOTICE=drain\n",
    jobs: { 7: { states: ["RUNNING None"], requeue: true } },
  });
  assertEquals(changes, [TAKEN_OUT]);
});

Deno.test("notice tries again when slurmctld does not take the node out at once", async () => {
  assertEquals((await notice(SPOT_NOTICE, { refuse: 2, rounds: 6 })).changes, [TAKEN_OUT]);
});

for (
  const [what, more, reason] of [
    [
      "a rebalance recommendation",
      { ...SPOT, "meta-data/events/recommendations/rebalance": `{"noticeTime": "${TIME}"}` },
      "RebalanceRecommendation: EC2 sees a higher risk of interruption for this spot instance",
    ],
    [
      "a scheduled event",
      {
        "meta-data/events/maintenance/scheduled":
          '[ {\n "NotBefore" : "21 Jan 2027 09:00:43 GMT",\n "Code" : "instance-retirement",\n "Description" : "x",\n "State" : "active"\n} ]',
      },
      "ScheduledEvent: EC2 has scheduled instance-retirement of this instance",
    ],
  ] as const
) {
  Deno.test(`notice takes the node out and ends no job when there is ${what}`, async () => {
    const { changes } = await notice(more, { jobs: { 7: { states: ["RUNNING None"], requeue: true } } });
    assertEquals(changes, [`scontrol update nodename=c0 state=power_down_asap reason=${reason} [slurm-ec2]`]);
  });
}

Deno.test("notice puts no words of the metadata service into a reason but those of a time", async () => {
  const { changes } = await notice({
    ...SPOT,
    "meta-data/spot/instance-action": `{"action": "terminate", "time": "$(id) 'x' 2026"}`,
  });
  assertEquals(changes, [
    "scontrol update nodename=c0 state=power_down_asap reason=SpotInterruption: EC2 takes this spot instance back at id x 2026 [slurm-ec2]",
  ]);
});

Deno.test("notice leaves an event alone that is over", async () => {
  const more = {
    "meta-data/events/maintenance/scheduled": '[{"Code": "system-reboot", "State": "completed"}]',
  };
  assertEquals((await notice(more)).changes, []);
});
