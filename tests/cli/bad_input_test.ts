import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { sleep } from "../../lib/base/sleep.ts";
import { type HookSite, makeHookSite } from "../fixtures/hook_site.ts";
import { missingPrograms, testWhere } from "../test_where.ts";

const JOBS = { all_nodes: "c[0-3]", jobs: [{ job_id: 1, nodes: "c[0-3]" }] };
const WHOLE = JSON.stringify(JOBS);
const DAY = 86_400_000;

/** Resume files, and what the log says of them; nothing where there is nothing to say. */
const RESUME_FILES: Readonly<Record<string, readonly [text: string, says: RegExp | undefined]>> = {
  // In the queue it is the same as none.
  "empty": ["", undefined],
  "cut off": [WHOLE.slice(0, -9), /going on without what SLURM_RESUME_FILE says of jobs: .*JSON/i],
  "of another shape": ['["c0"]', /going on without what SLURM_RESUME_FILE says of jobs: /i],
  "with a hostlist that is not one": [
    '{"all_nodes":"c[0-"}',
    /going on without what SLURM_RESUME_FILE says of jobs: /i,
  ],
  "of 70 MB": [" ".repeat(70_000_000) + WHOLE, /Resume file has 70\d* bytes: at most/],
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
    assertEquals(await site.call("resume", "c[0-3]", { resumeFile: text }), { assigned: 4 }, site.log());
    assertEquals([...site.live().values()], [1, 1, 1, 1]);
    if (says) assertMatch(site.log(), says);
    else assert(!/resume.?file/i.test(site.log()), site.log());
  });
}

Deno.test("The hooks survive a clock that has gone a day backwards", async () => {
  await using site = await makeHookSite({ nodes: "c[0-5]" });
  // Written before it went back: a cooldown of c3, and a launch for c5 by a worker that was killed.
  site.slurmctld.requestPowerUp(["c5"]);
  const hung = site.slurmctld.hang(/NodeAddr=/);
  assertEquals(await site.start("resume", "c5"), 0);
  await hung;
  await site.killWorker();
  assertEquals([...site.live()], [["c5", 1]]);
  moveClocks(site, DAY);
  site.slurmctld.requestPowerUp(["c3"]);
  Object.assign(site.slurmctld.nodes.get("c3")!, {
    base: "DOWN",
    reason: `InsufficientInstanceCapacity: x [slurm-ec2 until=${
      new Date(Date.now() + DAY).toISOString().slice(0, 19)
    }Z]`,
  });
  site.slurmctld.requestPowerDown(["c5"]);

  assertEquals(await site.call("resume", "c0"), { assigned: 1 }, site.log());
  // A worker that is there anyway looks at all nodes once a minute; one that the timer starts does at once.
  await site.killWorker();
  // Again and again: for the first seconds the request for c5 counts for more than what slurmctld shows.
  for (const end = Date.now() + 120_000; site.live().has("c5"); await sleep(1_000)) {
    assert(Date.now() < end, `c5's instance does not end: ${site.log()}`);
    site.timer();
  }
  assertEquals([...site.live()], [["c0", 1]], site.log());
  await site.until("c3 is given back", () => site.slurmctld.nodes.get("c3")!.base === "IDLE");
  assertEquals(await site.call("stop", "c0"), { terminated: 1 }, site.log());
  assertEquals(site.live().size, 0);
});

/** Moves every time of the wall clock that the state holds: `sinceWall` and the like, and where the clock was. */
function moveClocks({ stateDir }: HookSite, milliseconds: number): void {
  using db = new DatabaseSync(`${stateDir}/state.db`);
  let moved = 0;
  for (
    const [table, column] of [["nodes", "record"], ["instances", "record"], ["launches", "record"], [
      "meta",
      "value",
    ]]
  ) {
    for (const { key, text } of db.prepare(`SELECT key, ${column} AS text FROM ${table}`).all()) {
      const later = String(text).replaceAll(
        /("(?:sinceWall|launchTime|wall)":)(\d+(?:\.\d+)?)/g,
        (_, name, time) => `${name}${Number(time) + milliseconds}`,
      );
      if (later === text) continue;
      moved++;
      db.prepare(`UPDATE ${table} SET ${column} = ? WHERE key = ?`).run(later, key!);
    }
  }
  assert(moved >= 2, `${moved} records with a time: the node's and the clock's at least`);
}

for (const how of ["the hook", "the command"] as const) {
  Deno.test(`resume refuses the state directory of another cluster by name, launches nothing and says so to Slurm: ${how}`, async () => {
    await using site = await makeHookSite({ nodes: "c[0-3]" });
    assertEquals(await site.call("resume", "c[0-1]"), { assigned: 2 }, site.log());
    await site.killWorker();
    const config = await Deno.readTextFile(`${site.dir}/etc/slurm-ec2.yaml`);
    await Deno.writeTextFile(
      `${site.dir}/etc/slurm-ec2.yaml`,
      config.replace("cluster: test", "cluster: second\nssm: { prefix: test }"),
    );
    site.slurmctld.requestPowerUp(["c2"]);
    const { code } = how === "the hook"
      ? { code: await site.start("resume", "c2") }
      : await site.command("resume", "c2");
    assertEquals(code, how === "the hook" ? 0 : 1, site.log());
    const node = site.slurmctld.nodes.get("c2")!;
    await site.until("it is reported to slurmctld", () => node.base === "DOWN");
    assertStringIncludes(
      node.reason,
      "belongs to cluster test, not second: give each cluster a stateDir of its own",
    );
    assertMatch(site.log(), /failed: .* belongs to cluster "test", not "second"/);
    assertEquals([...site.live().keys()], ["c0", "c1"]);
    assertEquals(site.state()?.nodes.has("c2"), false, "the other cluster's state is left as it is");
  });
}

/** Files of stateDir that a hook, its supervisor or a worker opens. */
const OPENED = ["cluster.json", "state.db", "heartbeat", "timer", "program", "supervisor.lock", "hooks/1"];

for (const file of OPENED) {
  testWhere(
    missingPrograms("mkfifo"),
    `The hooks go on where opening ${file} in the state directory hangs`,
    async () => {
      await using site = await makeHookSite({ nodes: "c[0-3]" });
      assertEquals(await site.call("resume", "c0"), { assigned: 1 }, site.log());
      await site.killWorker();
      // Opening a pipe nobody writes to hangs as a file does whose NFS server is gone; unlike that, it can be killed.
      const path = `${site.stateDir}/${file}`;
      await Deno.mkdir(`${site.stateDir}/hooks`, { recursive: true });
      for (const name of file === "state.db" ? [path, `${path}-wal`, `${path}-shm`] : [path]) {
        await Deno.remove(name).catch(() => {});
      }
      const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
      assert(success);
      const outcomes = await Promise.all([site.call("resume", "c1"), site.call("stop", "c0")]);
      assertEquals(outcomes, [{ assigned: 1 }, { terminated: 1 }], site.log());
      assertEquals([...site.live()], [["c1", 1]]);
    },
  );
}
