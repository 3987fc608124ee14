import { assertEquals, assertStringIncludes } from "@std/assert";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { openStore } from "../../../lib/store/open.ts";
import { openStateReader } from "../../../lib/store/reader.ts";
import { withHookSite } from "./hook_site.ts";

function remember(dir: string, bootFailures: Readonly<Record<string, number>>): void {
  const { store } = openStore({
    dir: `${dir}/state`,
    cluster: "test",
    run: "test",
    machine: { uptime: undefined, bootId: undefined, wall: 0 },
    elapsed: () => 0,
    wall: () => 0,
    say: () => {},
  });
  store.commit({ ...store.load(), bootFailures }, []);
  store.close();
}

function remembered(dir: string): Readonly<Record<string, number>> {
  const opened = openStateReader(`${dir}/state`, "test");
  if (opened.kind !== "open") throw new Error(opened.why);
  const { bootFailures } = opened.reader.state();
  opened.reader.close();
  return bootFailures;
}

Deno.test("reset forgets a group's failed boots, and says how many", () =>
  withHookSite({}, async (site) => {
    remember(site.dir, { "c ami-1": 5, "c ami-2": 2, "s ami-1": 5 });
    const { code, stdout } = await site.run(["reset", "c"]);
    assertEquals([code, stdout], [
      0,
      "Group c: forgot 5 failed boots of ami-1\nGroup c: forgot 2 failed boots of ami-2\n",
    ]);
    assertEquals(remembered(site.dir), { "s ami-1": 5 });
    assertEquals((await site.run(["reset", "c"])).stdout, "Group c had no failed boots: nothing to reset\n");
    assertStringIncludes(site.log(), "INFO reset c\n");
  }));

Deno.test("reset lets a group launch again whose breaker was open", () =>
  withHookSite({}, async (site) => {
    remember(site.dir, { [`c ${WORLD.imageIds.x86_64}`]: 5 });
    assertEquals((await site.run(["resume", "--json", "c0"])).json().nodes.c0, "down");
    assertStringIncludes(site.slurm().nodes.c0!.reason, "BootFailureBreaker: 5 boots in a row");
    assertStringIncludes(site.slurm().nodes.c0!.reason, "run slurm-ec2 reset c");
    assertEquals((await site.run(["reset", "c"])).code, 0);
    assertEquals((await site.run(["resume", "--json", "c1"])).json().nodes.c1, "assigned");
  }));

for (
  const [args, says] of [
    [["reset"], "slurm-ec2 reset GROUP"],
    [["reset", "c", "s"], "slurm-ec2 reset GROUP"],
    [["reset", "cc"], 'Unknown node group: "cc" (did you mean "c"?)'],
    [["reset", "xyz"], "known: c, s, w"],
  ] as const
) {
  Deno.test(`${args.join(" ")} is refused with the next step`, () =>
    withHookSite({}, async (site) => {
      const { code, stderr } = await site.run(args);
      assertEquals(code, 2);
      assertStringIncludes(stderr, says);
    }));
}

Deno.test("reset in another cluster's state directory is refused without a stack trace", () =>
  withHookSite({}, async (site) => {
    Deno.mkdirSync(`${site.dir}/state`);
    Deno.writeTextFileSync(`${site.dir}/state/cluster.json`, '"other"');
    const { code, stderr } = await site.run(["reset", "c"]);
    assertEquals(code, 1);
    assertEquals(
      stderr,
      `slurm-ec2: State directory ${site.dir}/state belongs to cluster "other", not "test": give each cluster a stateDir of its own\n`,
    );
  }));

Deno.test("reset says so when it could not reset anything", () =>
  withHookSite({}, async (site) => {
    Deno.writeTextFileSync(`${site.dir}/state`, "a file in its place");
    const { code, stdout, stderr } = await site.run(["reset", "c"]);
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `State directory ${site.dir}/state can't be used, so nothing was reset`);
    assertStringIncludes(stderr, `${site.dir}/log`);
  }));
