import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { type HookSite, makeHookSite } from "../fixtures/hook_site.ts";
import { missingPrograms, testWhere } from "../test_where.ts";

const JOBS = { all_nodes: "c[0-3]", jobs: [{ job_id: 1, nodes: "c[0-3]" }] };
const WHOLE = JSON.stringify(JOBS);
const DAY = 86_400_000;

/** Resume files, and what the log says of them; nothing where there is nothing to say. */
const RESUME_FILES: Readonly<Record<string, readonly [text: string, says: RegExp | undefined]>> = {
  "empty": ["", /Resume file is empty/],
  "cut off": [WHOLE.slice(0, -9), /cut short or no JSON/],
  "of another shape": ['["c0"]', /not usable, going on without jobs/],
  "with a hostlist that is none": ['{"all_nodes":"c[0-"}', /not usable, going on without jobs/],
  "of 70 MB": [" ".repeat(70_000_000) + WHOLE, /Resume file has 70\d* characters: at most/],
  "with 20,000 jobs": [
    JSON.stringify({
      ...JOBS,
      jobs: Array.from({ length: 20_000 }, (_, i) => ({ job_id: i + 1, nodes: "c[0-3]" })),
    }),
    undefined,
  ],
  "with unknown keys": [
    JSON.stringify({ ...JOBS, later: { x: [1] }, jobs: [{ ...JOBS.jobs[0], later: null }] }),
    undefined,
  ],
};

for (const [what, [text, says]] of Object.entries(RESUME_FILES)) {
  Deno.test(`resume launches every node when its resume file is ${what}`, async () => {
    await using site = await makeHookSite({ nodes: "c[0-3]" });
    assertEquals(await site.call("resume", "c[0-3]", { resumeFile: text }), 0, site.log());
    assertEquals([...site.live().values()], [1, 1, 1, 1]);
    if (says) assertMatch(site.log(), says);
    else assert(!site.log().includes("Resume file"), site.log());
  });
}

Deno.test("The hooks survive a clock that has gone a day backwards", async () => {
  await using site = await makeHookSite({ nodes: "c[0-5]" });
  // Written before it went back: a cooldown of c3, and a launch for c5 by a hook that was killed.
  await killAfterLaunch(site, "c5");
  await moveIntents(site, DAY);
  const until = Date.now() + DAY;
  await Deno.writeTextFile(`${site.stateDir}/cooldowns.json`, JSON.stringify({ c3: until }));
  site.slurmctld.requestPowerUp(["c3"]);
  Object.assign(site.slurmctld.nodes.get("c3")!, {
    base: "DOWN",
    reason: `slurm-ec2 until=${
      new Date(until).toISOString().slice(0, 19)
    }Z (Code:InsufficientInstanceCapacity) x`,
  });
  site.slurmctld.requestPowerDown(["c5"]);

  assertEquals(await site.call("resume", "c0"), 0, site.log());
  assertEquals([...site.live()], [["c0", 1]], "the instance of c5 is nobody's");
  assert(site.slurmctld.nodes.get("c3")!.flags.has("POWER_DOWN"), "c3 stays down");
  assertEquals(await site.call("stop", "c0"), 0, site.log());
  assertEquals(site.live().size, 0);
});

async function killAfterLaunch(site: HookSite, nodes: string): Promise<void> {
  site.slurmctld.requestPowerUp(expandHostlist(nodes));
  const hung = site.slurmctld.hang(/NodeAddr=/);
  const hook = site.start("resume", nodes);
  assertEquals(await Promise.race([hung, hook.status]), undefined, site.log());
  await hook.kill();
}

async function moveIntents({ stateDir }: HookSite, milliseconds: number): Promise<void> {
  for (const { name } of Deno.readDirSync(`${stateDir}/intents`)) {
    const path = `${stateDir}/intents/${name}`;
    const intent = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...intent, createdAt: intent.createdAt + milliseconds }));
  }
}

Deno.test("resume refuses the state directory of another cluster by name, launches nothing and says so to Slurm", async () => {
  await using site = await makeHookSite({ nodes: "c[0-3]" });
  assertEquals(await site.call("resume", "c[0-1]"), 0, site.log());
  const config = await Deno.readTextFile(`${site.dir}/etc/slurm-ec2.yaml`);
  await Deno.writeTextFile(
    `${site.dir}/etc/slurm-ec2.yaml`,
    config.replace("cluster: test", "cluster: second\nssm: { prefix: test }"),
  );
  assertEquals(await site.call("resume", "c2"), 1, site.log());
  const { base, reason } = site.slurmctld.nodes.get("c2")!;
  assertEquals(base, "DOWN");
  assertStringIncludes(
    reason,
    "belongs to cluster test, not second: give each cluster a stateDir of its own",
  );
  assertEquals([...site.live().keys()], ["c0", "c1"]);
});

testWhere(
  missingPrograms("mkfifo"),
  "The hooks give up on a state directory that hangs, and end in time",
  async () => {
    await using site = await makeHookSite({ nodes: "c[0-3]" });
    assertEquals(await site.call("resume", "c0"), 0, site.log());
    // Opening a pipe nobody writes to hangs as a file does whose NFS server is gone; unlike that, it can be killed.
    await Deno.remove(`${site.stateDir}/cluster.json`);
    const { success } = await new Deno.Command("mkfifo", { args: [`${site.stateDir}/cluster.json`] })
      .output();
    assert(success);
    const codes = await Promise.all([site.call("resume", "c1"), site.call("stop", "c0")]);
    assertEquals(codes, [0, 0], site.log());
    assertMatch(site.log(), /hangs on "read cluster\.json", going on without it/);
    assertEquals([...site.live()], [["c1", 1]]);
  },
);
