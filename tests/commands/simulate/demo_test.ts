import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Host } from "../../../commands/base/host.ts";
import { realHost } from "../../../commands/base/real_host.ts";
import { tellStory } from "../../../commands/simulate/demo_story.ts";
import type { Config } from "../../../lib/config/model.ts";
import { withHookSite } from "../hooks/hook_site.ts";

Deno.test("demo --nodes 20 --json prints its figures, and nothing is left", () =>
  withHookSite({}, async (site) => {
    const { code, stdout, stderr } = await site.run(["demo", "--nodes", "20", "--json"]);
    assertEquals([code, stderr], [0, ""]);
    const { requested, assigned, failed, leaked, calls, seconds } = JSON.parse(stdout);
    // Of the ten nodes of the second pool, seven find room.
    assertEquals({ requested, assigned, failed, leaked }, {
      requested: 20,
      assigned: 17,
      failed: 3,
      leaked: 0,
    });
    assert(calls.RunInstances >= 2 && calls.TerminateInstances >= 1 && seconds > 0);
    assertEquals([...Deno.readDirSync(site.dir)].filter(({ name }) => name.includes("demo")), []);
  }));

Deno.test("demo tells the story: what was asked, what came of it, which calls it took, that nothing is left", () =>
  withHookSite({}, async (site) => {
    const { code, stdout } = await site.run(["demo", "--nodes", "4"]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, '1. slurmctld calls: resume "c7i-[0-1],m7i-[0-1]"');
    assertMatch(stdout, /assigned +3 {2}/);
    assertMatch(stdout, /down +1 {2}m7i-\d {2}InsufficientInstanceCapacity: /);
    assertStringIncludes(stdout, "down: slurmctld puts the jobs of these nodes back into the queue at once");
    assertMatch(stdout, /RunInstances +2 +0/);
    assertStringIncludes(stdout, "lists 0:\nnothing is left running");
  }));

for (const nodes of ["1", "10001", "ten", "2.5", "-4"]) {
  Deno.test(`demo --nodes ${nodes} is refused with the range`, () =>
    withHookSite({}, async (site) => {
      const { code, stderr } = await site.run(["demo", `--nodes=${nodes}`]);
      assertEquals(code, 2);
      assertStringIncludes(stderr, `Flag --nodes takes a whole number from 2 to 10000, got "${nodes}"`);
    }));
}

Deno.test("demo prints its first line when all that it takes is loaded: a download's bar goes back over lines", async () => {
  const happened: string[] = [];
  const real = realHost();
  const loads = <T>(name: string, connect: (config: Config) => Promise<T>) => async (config: Config) => {
    const client = await connect(config);
    happened.push(name);
    return client;
  };
  const host: Host = {
    ...real,
    stdout: { ...real.stdout, isTerminal: false, write: () => void happened.push("line") },
    stderr: { ...real.stderr, isTerminal: false },
    connect: {
      ...real.connect,
      // Its answer has come by way of credentials, whose providers are loaded by the first call.
      ec2: loads("ec2", async (config) => {
        const ec2 = await real.connect.ec2(config);
        return { ...ec2, describeInstances: spied(ec2.describeInstances.bind(ec2)) };
      }),
      ssm: loads("ssm", real.connect.ssm),
    },
  };
  const spied = <A extends unknown[], T>(call: (...given: A) => Promise<T>) => async (...given: A) => {
    const answer = await call(...given);
    happened.push("answer");
    return answer;
  };
  await tellStory(host, { nodes: 2, quiet: false });
  assertEquals(happened.slice(0, happened.indexOf("line")).sort(), ["answer", "ec2", "ssm"]);
});

Deno.test("demo's story fits 80 columns", () =>
  withHookSite({}, async (site) => {
    const { stdout } = await site.run(["demo", "--nodes", "40"]);
    assertEquals(stdout.split("\n").filter((line) => line.length > 80), []);
  }));
