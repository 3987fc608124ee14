import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ForeignStateError } from "../../../lib/cluster/hook_state.ts";
import { makeRig, type Rig } from "../../fixtures/rig.ts";
import { kinds } from "../../fixtures/kinds.ts";

/** Whatever happened to the state directory: nodes come up, go down, and nothing is left. */
async function assertHooksWork(rig: Rig): Promise<void> {
  assertEquals(kinds((await rig.resume("c[0-3]")).nodes), { assigned: 4 });
  rig.clock.now += 3_600_000;
  assertEquals(kinds((await rig.stop("c[0-3]")).nodes), { terminated: 4 });
  assertEquals(rig.live(), []);
}

const STATE_FILES = [
  "cluster.json",
  "hints.json",
  "cooldowns.json",
  "unended.json",
  "boot_failures.json",
  "parameters.json",
];
const CORRUPTIONS: Readonly<Record<string, string>> = {
  "empty": "",
  "cut off": '{"complete":tr',
  "binary": "\x00\x01\x02",
  "of another type": "[1,2,3]",
  "a number": "42",
  "null": "null",
  "nested wrongly": '{"complete":true,"instanceIds":[],"c0":{"action":"burn"}}',
};

for (const [what, text] of Object.entries(CORRUPTIONS)) {
  Deno.test(`HookState starts anew when every state file is ${what}`, async () => {
    await using rig = await makeRig();
    await assertHooksWork(rig);
    for (const file of STATE_FILES.slice(1)) await Deno.writeTextFile(`${rig.stateDir}/${file}`, text);
    await Deno.writeTextFile(`${rig.stateDir}/intents/x.json`, text);
    await Deno.writeTextFile(`${rig.stateDir}/hooks/x.json`, text);
    await assertHooksWork(rig);
  });
}

Deno.test("HookState lets hooks work when the state directory has vanished", async () => {
  await using rig = await makeRig();
  await rig.resume("c[0-3]");
  await Deno.remove(rig.stateDir, { recursive: true });
  rig.clock.now += 3_600_000;
  assertEquals(kinds((await rig.stop("c[0-3]")).nodes), { terminated: 4 });
  assertEquals(rig.live(), []);
});

Deno.test("HookState lets hooks work, with a warning, when the state directory can't be made", async () => {
  await using rig = await makeRig();
  await Deno.remove(rig.stateDir, { recursive: true });
  await Deno.writeTextFile(rig.stateDir, "a file in its place");
  await assertHooksWork(rig);
  assert(rig.warnings.length > 0);
  assertStringIncludes(rig.warnings[0]!, rig.stateDir);
});

Deno.test("HookState refuses a directory of another cluster by name, and the nodes get their verdict", async () => {
  await using rig = await makeRig();
  await Deno.writeTextFile(`${rig.stateDir}/cluster.json`, '"other"');
  const { nodes } = await rig.resume("c0");
  assertEquals(kinds(nodes), { down: 1 });
  assertStringIncludes(
    rig.scontrol.nodes.get("c0")!.reason,
    "belongs to cluster other, not test: give each cluster",
  );
  assertEquals(rig.live(), []);
  assertEquals([...Deno.readDirSync(rig.stateDir)].map(({ name }) => name).sort(), [
    "cluster.json",
    "hooks",
    "intents",
  ]);
  const { state } = rig.ports();
  await assertRejects(() => state.open(), ForeignStateError, 'belongs to cluster "other", not "test"');
});

Deno.test("HookState.claim() gives the nodes of a dead hook to the next one", async () => {
  await using rig = await makeRig();
  const [dead, next] = [rig.ports().state, rig.ports().state];
  await dead.open();
  assertEquals((await dead.claim(["c0", "c1"])).claimed, ["c0", "c1"]);
  await next.open();
  dead[Symbol.dispose]();
  assertEquals(await next.claim(["c0", "c2"]), { claimed: ["c0", "c2"], taken: [] });
  await next.close();
});

Deno.test("HookState.claim() keeps the nodes of a living hook from another", async () => {
  await using rig = await makeRig();
  const [first, second] = [rig.ports().state, rig.ports().state];
  await first.open();
  await first.claim(["c0", "c1"]);
  await second.open();
  assertEquals(await second.claim(["c1", "c2"]), { claimed: ["c2"], taken: ["c1"] });
  await Promise.all([first.close(), second.close()]);
});

Deno.test("tend() gives nodes back whose cooldown is over, and leaves a person's DOWN alone", async () => {
  await using rig = await makeRig();
  rig.aws.simulator.addFault({
    kind: "error",
    action: "RunInstances",
    times: 1,
    code: "InsufficientInstanceCapacity",
  });
  await rig.resume("c[0-2]");
  assertEquals(rig.scontrol.nodes.get("c0")!.base, "DOWN");
  rig.scontrol.nodes.get("c1")!.reason = "disk broken [root@2026-01-01T00:00:00]";
  rig.clock.now += 299_000;
  await rig.resume("w0");
  assertEquals(rig.scontrol.nodes.get("c0")!.base, "DOWN");
  rig.clock.now += 2_000;
  await rig.stop("w0");
  assert(rig.scontrol.nodes.get("c0")!.flags.has("POWER_DOWN"));
  assertEquals(rig.scontrol.nodes.get("c1")!.base, "DOWN");
});

Deno.test("tend() gives nodes back at once when the clock has gone backwards past any cooldown", async () => {
  await using rig = await makeRig();
  rig.aws.simulator.addFault({
    kind: "error",
    action: "RunInstances",
    times: 1,
    code: "InsufficientInstanceCapacity",
  });
  await rig.resume("c0");
  rig.clock.now -= 3_600_000;
  await rig.resume("w0");
  assert(rig.scontrol.nodes.get("c0")!.flags.has("POWER_DOWN"));
});

Deno.test("HookState.updateHints() without the lock leaves hints that count as not whole", async () => {
  await using rig = await makeRig();
  await rig.resume("c0");
  const { state } = rig.ports();
  await state.open();
  assertEquals((await state.hints()).complete, true);
  await Deno.remove(`${rig.stateDir}/lock`);
  await Deno.mkdir(`${rig.stateDir}/lock`);
  await state.updateHints((hints) => ({
    ...hints,
    instanceIds: { ...hints.instanceIds, c1: "i-0000000000000001" },
  }));
  assertEquals((await state.hints()).complete, false);
});

Deno.test("powerUp() believes the listing rather than an old hint", async () => {
  await using rig = await makeRig();
  await rig.resume("c0");
  const [one] = rig.live();
  await Deno.writeTextFile(
    `${rig.stateDir}/hints.json`,
    '{"complete":false,"instanceIds":{"c0":"i-0000000000000bad"}}',
  );
  await rig.resume("c1");
  const hints = JSON.parse(await Deno.readTextFile(`${rig.stateDir}/hints.json`));
  assertEquals(hints.instanceIds.c0, one!.instanceId);
});

Deno.test("HookState.orphanedIntents() knows no intent of a hook that ends meanwhile", async () => {
  await using rig = await makeRig();
  const [ending, looking] = [rig.ports().state, rig.ports().state];
  await Promise.all([ending.open(), looking.open()]);
  for (let i = 0; i < 40; i++) {
    await ending.claim(["c0"]);
    const input = {
      ImageId: "ami-1",
      InstanceType: "c7i.large",
      MinCount: 1,
      MaxCount: 1,
      ClientToken: `token-${i}`,
    };
    await ending.saveIntent({ nodeGroup: "c", nodes: ["c0"], createdAt: rig.clock.now, input });
    const end = async () => {
      await ending.removeIntents([`token-${i}`]);
      await ending.close();
    };
    const [found] = await Promise.all([looking.orphanedIntents(), end()]);
    assertEquals(found, []);
  }
});
