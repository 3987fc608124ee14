import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { missingPrograms, testWhere } from "../../test_where.ts";
import { withHookSite } from "./hook_site.ts";

const JOBS = [{ job_id: 7, nodes_resume: "w[0-1]", nodes_alloc: "w[0-1]", a_key_to_come: { deep: [1] } }];
const RESUME_FILE = JSON.stringify({ jobs: JOBS, all_nodes_resume: "w[0-1]", another_key: true });

Deno.test("resume groups nodes by the jobs of its resume file, keys that it does not know or not", () =>
  withHookSite({}, async (site) => {
    Deno.writeTextFileSync(`${site.dir}/jobs.json`, RESUME_FILE);
    const { code, json } = await site.run([
      "resume",
      "--json",
      "--resume-file",
      `${site.dir}/jobs.json`,
      "w[0-1]",
    ]);
    assertEquals([code, json().nodes], [0, { w0: "assigned", w1: "assigned" }]);
    const [intent] = site.aws.simulator.instances();
    assertEquals(intent!.tags["slurm-ec2:nodes"], "w[0-1]");
    assert(!site.log().includes("WARN"), site.log());
  }));

Deno.test("resume tells the jobs of its resume file why they wait", () =>
  withHookSite({}, async (site) => {
    site.aws.simulator.addFault({
      kind: "error",
      action: "RunInstances",
      times: 9,
      code: "VcpuLimitExceeded",
    });
    const { code } = await site.run(["resume", "--resume-file", "-", "w[0-1]"], { stdin: RESUME_FILE });
    assertEquals(code, 1);
    const comment = site.slurm().calls.find((args) => args.includes("JobId=7"));
    assertStringIncludes(comment!.join(" "), "VcpuLimitExceeded: ");
  }));

for (
  const [what, text, says] of [
    ["is empty", "", "is empty"],
    ["is cut short", RESUME_FILE.slice(0, 40), "is cut short or not JSON"],
    ["is not JSON", "slurm", "is cut short or not JSON"],
    ["is of another shape", '{"jobs": 7, "all_nodes_resume": "c0"}', "jobs"],
    ["has neither key", "{}", "found neither"],
    ["has a malformed hostlist", '{"jobs": [{"job_id": 7, "nodes_resume": "w[0-"}]}', "column"],
    ["has a job without an id", '{"jobs": [{"nodes_resume": "w0"}]}', "job_id"],
    ["is binary", "\0\x01\x02\xff", "is cut short or not JSON"],
  ] as const
) {
  Deno.test(`resume goes on without jobs, with a warning, when its resume file ${what}`, () =>
    withHookSite({}, async (site) => {
      const { code, json } = await site.run(["resume", "--json", "--resume-file", "-", "c0"], {
        stdin: text,
      });
      assertEquals([code, json().nodes], [0, { c0: "assigned" }]);
      assertStringIncludes(site.log(), 'WARN Resume file "-" is not usable, going on without jobs: ');
      assertStringIncludes(site.log(), says);
    }));
}

for (const [what, file] of [["is missing", "/nowhere/resume.json"], ["is a directory", "/"]] as const) {
  Deno.test(`resume goes on without jobs, with a warning, when its resume file ${what}`, () =>
    withHookSite({}, async (site) => {
      const { code } = await site.run(["resume", "--resume-file", file, "c0"]);
      assertEquals(code, 0);
      assertStringIncludes(site.log(), `WARN Resume file "${file}" is not usable, going on without jobs: `);
    }));
}

Deno.test("resume reads a resume file of two million characters", () =>
  withHookSite({}, async (site) => {
    const jobs = Array.from({ length: 20_000 }, (_, i) => ({
      job_id: i + 1,
      nodes_resume: `onprem${i}`,
      features: "x".repeat(40),
    }));
    const stdin = JSON.stringify({ jobs: [...jobs, ...JOBS], all_nodes_resume: "onprem[0-19999],w[0-1]" });
    assert(stdin.length > 1_500_000);
    const { code, json } = await site.run(["resume", "--json", "--resume-file", "-", "w[0-1]"], { stdin });
    assertEquals([code, json().nodes], [0, { w0: "assigned", w1: "assigned" }]);
    assert(!site.log().includes("WARN"), site.log());
  }));

testWhere(
  missingPrograms("mkfifo"),
  "resume whose event log hangs launches all the same and ends within its limit",
  () =>
    withHookSite({}, async (site) => {
      Deno.mkdirSync(`${site.dir}/state`);
      const fifo = `${site.dir}/state/events.jsonl`;
      assert(new Deno.Command("mkfifo", { args: [fifo] }).outputSync().success);
      const { code, json } = await site.run(["resume", "--json", "c0"]);
      assertEquals([code, json().nodes], [0, { c0: "assigned" }]);
      assertStringIncludes(site.log(), `WARN Event log ${fifo} is not written: it hangs for more than 5 s`);
      assertEquals(site.live().length, 1);
    }),
);
