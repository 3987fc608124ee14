import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { withHookSite } from "./hook_site.ts";

Deno.test("resume, stop and resume-fail print one JSON object of one shape", () =>
  withHookSite({}, async (site) => {
    const up = await site.run(["resume", "--json", "c[0-1],s0"]);
    assertEquals([up.code, up.stderr], [0, ""]);
    const result = up.json();
    assertEquals(Object.keys(result), ["nodes", "details", "calls", "troubles", "seconds"]);
    assertEquals(result.nodes, { c0: "assigned", c1: "assigned", s0: "assigned" });
    assertEquals(result.calls, { GetParameters: 1, DescribeInstances: 1, RunInstances: 2 });
    assertEquals(result.troubles, []);
    assert(result.seconds > 0);
    assertEquals(site.live().length, 3);
    for (const [node, { kind, instanceId, nodeAddr }] of Object.entries(result.details)) {
      assertEquals(kind, "assigned");
      assert(site.live().includes(instanceId as string));
      assertEquals(site.slurm().nodes[node]!.address, nodeAddr);
    }

    const down = await site.run(["stop", "--json", "c0,s0"]);
    assertEquals(down.code, 0);
    assertEquals(Object.keys(down.json()), Object.keys(result));
    assertEquals(down.json().nodes, { c0: "terminated", s0: "stopped" });

    const failed = await site.run(["resume-fail", "--json", "c1"]);
    assertEquals(failed.code, 0);
    assertEquals(Object.keys(failed.json()), Object.keys(result));
    assertEquals(failed.json().nodes, { c1: "terminated" });
    assertEquals(failed.json().calls.GetConsoleOutput, 1);
    assertEquals(site.live(), []);
    assertStringIncludes(site.slurm().nodes.c1!.reason, "did not register in time");
  }));

Deno.test("The hooks write each run into the event log, from what was asked to what it took", () =>
  withHookSite({}, async (site) => {
    const stdin = JSON.stringify({ jobs: [{ job_id: 7, nodes_resume: "c0" }], all_nodes_resume: "c0" });
    await site.run(["resume", "--resume-file", "-", "c0"], { stdin });
    const events = Deno.readTextFileSync(`${site.dir}/state/events.jsonl`).trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    assertEquals(events.map(({ kind }) => kind), ["asked", "launch", "launched", "lifetime", "done"]);
    assertEquals([events[0].nodes, events[0].jobs], ["c0", [7]]);
    assertEquals(new Set(events.map(({ run }) => run)).size, 1);
    assertEquals(events.at(-1).verdicts, { assigned: 1 });
  }));

for (
  const [hostlist, says] of [
    ["c[0-", /column \d+/],
    ["c]0", /column \d+/],
    ["c[0-1],,c[3", /column \d+/],
    ["c[3-1]", /column \d+/],
    ["c[0-9999999]", /1,?000,?000/],
  ] as const
) {
  Deno.test(`resume of the malformed hostlist "${hostlist}" says where, exits 2 and asks nobody`, () =>
    withHookSite({}, async (site) => {
      const { code, stdout, stderr } = await site.run(["resume", hostlist]);
      assertEquals([code, stdout], [2, ""]);
      assertMatch(stderr, says);
      assertMatch(stderr, /^[^\n]*hostlist[^\n]*\n/i);
      assert(stderr.split(hostlist).length - 1 <= 1, `the hostlist stands once at most: ${stderr}`);
      assertEquals([site.slurm().calls, site.aws.simulator.calls()], [[], {}]);
    }));
}

for (const command of ["resume", "stop", "resume-fail"]) {
  Deno.test(`${command} without a hostlist shows how to give one, and exits 2`, () =>
    withHookSite({}, async (site) => {
      for (const args of [[command], [command, "--json"], [command, ""]]) {
        const { code, stderr } = await site.run(args);
        assertEquals(code, 2, stderr);
        assertStringIncludes(stderr, `slurm-ec2 ${command} "c[0-7]"`);
      }
    }));
}

Deno.test("resume of unknown nodes mixed with known ones goes on with those, and leaves the others alone", () =>
  withHookSite({}, async (site) => {
    const { code, json } = await site.run(["resume", "--json", "onprem[1-2],c0,zz,c1"]);
    assertEquals(code, 0);
    assertEquals(json().nodes, {
      onprem1: "not-ours",
      onprem2: "not-ours",
      zz: "not-ours",
      c0: "assigned",
      c1: "assigned",
    });
    assertEquals(site.live().length, 2);
    assert(!JSON.stringify(site.slurm().calls).includes("onprem"));
  }));

Deno.test("resume takes a hostlist of 100 KB on its command line", () =>
  withHookSite({}, async (site) => {
    const others = Array.from({ length: 8_500 }, (_, i) => `onprem${i * 2}-x`);
    const hostlist = [...others, "c0", "c1"].join();
    assert(hostlist.length > 100_000 && hostlist.length < 131_072);
    const { code, json } = await site.run(["resume", "--json", hostlist]);
    assertEquals(code, 0);
    assertEquals([Object.keys(json().nodes).length, json().nodes.c1], [8_502, "assigned"]);
    assertEquals(site.live().length, 2);
  }));

Deno.test("resume says which hostlist of 100 KB is malformed without repeating all of it", () =>
  withHookSite({}, async (site) => {
    const { code, stderr } = await site.run(["resume", `${"c0,".repeat(33_000)}c[`]);
    assertEquals(code, 2);
    assertMatch(stderr, /column 9900\d/);
    assert(stderr.length < 2_000, `${stderr.length} characters`);
  }));

Deno.test("The hooks accept flags before the hostlist that a Slurm to come may add", () =>
  withHookSite({}, async (site) => {
    assertEquals((await site.run(["resume", "--reason", "x", "-v", "c0"])).code, 0);
    assertEquals((await site.run(["stop", "--later=1", "c0"])).code, 0);
    assertEquals(site.live(), []);
  }));
