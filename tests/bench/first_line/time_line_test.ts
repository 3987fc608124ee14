import { assertEquals } from "@std/assert";
import { nextTry, timeLine } from "./time_line.ts";

const pure = { permissions: "none" } as const;

/** As 26.05.5 and 24.11.5 write it; times are local. */
const SLURMCTLD = `[2026-12-01T02:41:04.003] Node c3 now responding
[2026-12-01T02:41:05.138] sched: _slurm_rpc_allocate_resources JobId=4 NodeList=(null) usec=2072
[2026-12-01T02:41:06.004] sched: Allocate JobId=4 NodeList=c[3-4] #CPUs=2 Partition=cloud
[2026-12-01T02:41:06.352] POWER: Issued slurmctld power action __resumeprog__ on nodes c[0-4,8]
[2026-12-01T02:41:07.263] requeue job JobId=1 due to failure of node c8
[2026-12-01T02:41:14.936] Node c3 now responding
[2026-12-01T02:41:14.997] Node c4 now responding
[2026-12-01T02:41:15.250] prolog_running_decr: Configuration for JobId=4 is complete
[2026-12-01T02:41:18.362] POWER: power_save: waking nodes c9
`;
const local = (time: string) => new Date(`2026-12-01T${time}`);
const utc = (time: string) => local(time).toISOString();
const HOOKS = `${utc("02:41:07.031")} INFO resume c[0-4,8]
${
  utc("02:41:07.271")
} INFO resume: assigned  2  c[3-4]  c3 is i-03 (c7i.xlarge, us-east-1a), c4 is i-04 (c7i.xlarge, us-east-1a)
`;

const SEEN = {
  job: "4",
  nodes: ["c3", "c4"],
  submitted: local("02:41:05").getTime(),
  running: new Map([
    ["i-03", local("02:41:08.100").getTime()],
    ["i-04", local("02:41:08.200").getTime()],
    ["i-05", local("02:41:09").getTime()],
  ]),
  firstLine: local("02:41:16.170").getTime(),
};

Deno.test("timeLine() takes the last of the job's nodes, and nothing from before", pure, () => {
  assertEquals(timeLine({ slurmctld: SLURMCTLD, hooks: HOOKS }, SEEN), {
    "allocated": 1,
    "hook called": 1.35,
    "hook done": 2.27,
    "instances run": 3.2,
    "registered": 10,
    "configured": 10.25,
    "first line": 11.17,
  });
});

Deno.test("timeLine() is null where the logs don't say", pure, () => {
  const found = timeLine({ slurmctld: "", hooks: "" }, SEEN);
  assertEquals([found.allocated, found["instances run"], found["first line"]], [null, null, 11.17]);
});

Deno.test(
  "nextTry() finds the call of ResumeProgram after the requeue, for any of the job's nodes",
  pure,
  () => {
    const found = nextTry(SLURMCTLD, { job: "1", nodes: ["c8", "c9"] })!;
    assertEquals([found.requeued, found.resumeProgram], [
      local("02:41:07.263").getTime(),
      local("02:41:18.362").getTime(),
    ]);
    assertEquals(nextTry(SLURMCTLD, { job: "1", nodes: ["c8"] }), undefined);
    assertEquals(nextTry(SLURMCTLD, { job: "2", nodes: ["c9"] }), undefined);
  },
);
