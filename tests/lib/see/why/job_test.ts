import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { chooseRecord, whyJob } from "../../../../lib/see/why/job.ts";
import { whyLines } from "../../../../lib/see/why/why.ts";
import { type JobView, parseJobs } from "../../../../lib/slurm/job_view.ts";
import { parseNodeStates } from "../../../../lib/slurm/node_state.ts";
import { jobsOf, nodesText, SLURM_VERSIONS } from "../../slurm/jobs_output.ts";

/** What each job of the fixtures waits for. */
const EXPECTED: Readonly<Record<string, string>> = {
  configuring: "BOOTING:POWERING_UP",
  held: "SLURM:JobHeldUser",
  dependency: "SLURM:Dependency",
  begin: "SLURM:BeginTime",
  capacity: "CAPACITY:InsufficientInstanceCapacity",
  nodelimit: "SLURM:PartitionNodeLimit",
  timelimit: "SLURM:PartitionTimeLimit",
  closed: "SLURM:PartitionDown",
  license1: "BOOTING:POWERING_UP",
  license2: "SLURM:Licenses",
  backfill: "SLURM:Planned",
  array: "SLURM:JobHeldUser",
  name: "SLURM:JobHeldUser",
  newline: "SLURM:JobHeldUser",
  cancelled: "NONE:CANCELLED",
};

for (const version of SLURM_VERSIONS) {
  const jobs = jobsOf(version);
  const nodes = parseNodeStates(nodesText(version));
  const job = (what: string) => parseJobs(jobs.get(what)!)[0]!;
  const now = job("backfill").submitTime! + 5_000;
  const context = { now, resumeTimeout: 600, usualBoot: { seconds: 180, from: "measured" } };

  Deno.test(`whyJob() classifies what slurmctld ${version} shows`, { permissions: "none" }, () => {
    const seen = Object.keys(EXPECTED).map((what) => {
      const why = whyJob(job(what), nodes, context);
      return [what, `${why.class}:${why.code}`];
    });
    assertEquals(Object.fromEntries(seen), EXPECTED);
  });

  Deno.test(
    `whyJob() says since when and what comes next on Slurm ${version}`,
    { permissions: "none" },
    () => {
      const booting = whyJob(job("configuring"), nodes, context);
      assertEquals(booting.at! - booting.since!, 600_000);
      assertStringIncludes(booting.sentence, "node c0 boots; usual: 180 s (measured)");

      const capacity = whyJob(job("capacity"), nodes, context);
      assertStringIncludes(capacity.sentence, "sufficient c7i.large capacity in us-east-1a (node c1)");
      assertEquals([capacity.since, capacity.at], [job("capacity").eligibleTime, Date.UTC(2099, 0, 1)]);

      const planned = whyJob(job("backfill"), nodes, context);
      assertStringIncludes(planned.sentence, "slurmctld plans it on c0, where other jobs are");
      assertEquals(planned.at, job("backfill").startTime);

      assertStringIncludes(whyJob(job("dependency"), nodes, context).sentence, "afterok:2(unfulfilled)");
      assertEquals(whyJob(job("begin"), nodes, context).at, job("begin").startTime);
      assertStringIncludes(whyJob(job("held"), nodes, context).next, `scontrol release ${job("held").id}`);
    },
  );
}

const NODES = parseNodeStates(nodesText("26.05"));
const PENDING = parseJobs(jobsOf("26.05").get("backfill")!)[0]!;
const NOW = PENDING.submitTime! + 5_000;
const { startTime: _, ...UNPLANNED } = { ...PENDING, plannedNodes: "", requestedNodes: "" };
const why = (change: Partial<JobView>, nodes = NODES) =>
  whyJob({ ...UNPLANNED, ...change }, nodes, { now: NOW });

Deno.test(
  "whyJob() names the powered-down nodes that a planned job leaves idle",
  { permissions: "none" },
  () => {
    const { sentence } = whyJob({ ...PENDING, requestedNodes: "" }, NODES, { now: NOW });
    assertStringIncludes(sentence, "although 1 powered-down node of its partition (c5) are idle");
  },
);

Deno.test("whyJob() blames capacity only when no node of the job is free", { permissions: "none" }, () => {
  const onlyDown = NODES.filter(({ name }) => ["c1", "c2"].includes(name));
  const said = why({ reason: "Nodes required for job are DOWN, DRAINED or reserved" }, onlyDown);
  assertEquals([said.class, said.code], ["CAPACITY", "InsufficientInstanceCapacity"]);
  assertStringIncludes(said.sentence, "(nodes c[1-2])");
  const free = why({ reason: "Resources" });
  assertEquals([free.class, free.code], ["SLURM", "Resources"]);
  assertStringIncludes(free.sentence, "2 refused");
});

Deno.test("whyJob() remembers why a requeued job's last try failed", { permissions: "none" }, () => {
  const eligibleTime = NOW + 120_000;
  const adminComment = "node c9: VcpuLimitExceeded: You have requested more vCPU capacity [slurm-ec2]";
  const said = why({ reason: "BeginTime", restarts: 1, eligibleTime, adminComment });
  assertEquals([said.class, said.code, said.at], ["QUOTA", "VcpuLimitExceeded", eligibleTime]);
  // A comment of another program, or of a job that never was requeued, decides nothing.
  assertEquals(why({ reason: "BeginTime", restarts: 0, eligibleTime, adminComment }).class, "SLURM");
  assertEquals(
    why({ reason: "BeginTime", restarts: 1, eligibleTime, adminComment: "by hand" }).class,
    "SLURM",
  );
  const classed = why({
    reason: "Resources",
    adminComment: `QUOTA: ${adminComment.replace("node c9", "nodes c[0-9]")}`,
  });
  assertEquals([classed.class, classed.code], ["QUOTA", "VcpuLimitExceeded"]);
});

Deno.test("whyJob() says of a job whose node was refused that it goes back into the queue", {
  permissions: "none",
}, () => {
  const said = why({ state: "CONFIGURING", nodeList: "c1" });
  assertEquals([said.class, said.next], ["CAPACITY", "the job goes back into the queue"]);
  assertEquals(why({ state: "CONFIGURING", nodeList: "c5" }).code, "PROLOG");
  assertEquals(why({ state: "RUNNING", nodeList: "c0" }).class, "NONE");
});

Deno.test("whyJob() of a reason that nobody has seen yet repeats it", { permissions: "none" }, () => {
  const said = why({ reason: "NewReasonOf2030 with words" });
  assertEquals([said.class, said.code], ["SLURM", "NewReasonOf2030"]);
  assertStringIncludes(said.sentence, "NewReasonOf2030 with words");
});

Deno.test(
  "whyLines() shows control characters of jobs and nodes as pictures",
  { permissions: "none" },
  () => {
    const said = why({ reason: "x\x1b[31m\x07<b>" });
    const text = whyLines(said).join("\n");
    assert(!text.includes("\x1b") && !text.includes("\x07"));
    assertStringIncludes(text, "␛[31m␇<b>");
  },
);

Deno.test("chooseRecord() takes the record of an array that waits", { permissions: "none" }, () => {
  const record = (state: string, id: string) => ({ ...UNPLANNED, state, id });
  const states = ["COMPLETED", "RUNNING", "PENDING", "CONFIGURING"];
  assertEquals(chooseRecord(states.map((state, i) => record(state, String(i))))?.id, "2");
  assertEquals(chooseRecord([record("COMPLETED", "1"), record("FAILED", "2")])?.id, "2");
  assertEquals(chooseRecord([]), undefined);
});
