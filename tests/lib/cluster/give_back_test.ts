import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { giveBack } from "../../../lib/cluster/give_back.ts";
import { ScontrolError } from "../../../lib/slurm/scontrol_api.ts";
import { makeRig, replacing, type Rig } from "../../fixtures/rig.ts";

async function downRig(reasons: Readonly<Record<string, string>>): Promise<Rig> {
  const rig = await makeRig();
  const { state } = rig.ports();
  await state.open();
  for (const [name, reason] of Object.entries(reasons)) {
    Object.assign(rig.scontrol.nodes.get(name)!, { base: "DOWN", reason });
  }
  await state.updateCooldowns(() => Object.fromEntries(Object.keys(reasons).map((name) => [name, 1])));
  return rig;
}

const cooldowns = async (rig: Rig) => Object.keys(await rig.ports().state.cooldowns());

Deno.test("giveBack() returns nodes that are down for a reason of ours, and forgets their cooldown", async () => {
  await using rig = await downRig({
    c0: "X: no [slurm-ec2 until=2026-01-01T00:00:00Z]",
    c1: "X: no [slurm-ec2 until=2026-01-01T00:00:00Z]",
    c2: "X: no [slurm-ec2 until=2026-01-01T00:00:00Z]",
  });
  await giveBack(rig.ports(), ["c0", "c1"], "cooldown over");
  assert(rig.scontrol.nodes.get("c0")!.flags.has("POWER_DOWN"));
  assertEquals(rig.scontrol.nodes.get("c0")!.reason, "cooldown over [slurm-ec2]");
  assertEquals(rig.scontrol.nodes.get("c2")!.base, "DOWN");
  assertEquals(await cooldowns(rig), ["c2"]);
  assertEquals(rig.events, [
    { kind: "verdict", verdict: "given-back", nodes: "c[0-1]", reason: "cooldown over" },
  ]);
});

Deno.test("giveBack() leaves a person's DOWN and a node that is up again alone, and forgets them", async () => {
  await using rig = await downRig({ c0: "disk broken", c1: "not slurm-ec2's" });
  rig.scontrol.nodes.get("c2")!.reason = "slurm-ec2 old";
  await giveBack(rig.ports(), ["c0", "c1", "c2"], "cooldown over");
  assertEquals(["c0", "c1", "c2"].map((name) => rig.scontrol.nodes.get(name)!.base), [
    "DOWN",
    "DOWN",
    "IDLE",
  ]);
  assertEquals(rig.scontrol.calls, ["showNodes"]);
  assertEquals([await cooldowns(rig), rig.events], [[], []]);
});

Deno.test("giveBack() leaves the nodes to a later hook, with a warning, when slurmctld does not answer", async () => {
  await using rig = await downRig({ c0: "X: no [slurm-ec2 until=2026-01-01T00:00:00Z]" });
  const updateState = () => Promise.reject(new ScontrolError("timeout", "No answer within 30 s"));
  await giveBack({ ...rig.ports(), scontrol: replacing(rig.scontrol, { updateState }) }, ["c0"], "over");
  assertEquals(await cooldowns(rig), ["c0"]);
  assertStringIncludes(rig.warnings.join(), "Nodes c0 are left to a later hook: No answer within 30 s");
});

Deno.test("giveBack() of no nodes asks nobody", async () => {
  await using rig = await makeRig();
  await giveBack(rig.ports(), [], "over");
  assertEquals(rig.scontrol.calls, []);
});
