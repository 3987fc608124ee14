import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { tellVerdicts } from "../../../lib/cluster/tell_slurm.ts";
import type { FailureVerdict } from "../../../lib/cluster/verdict.ts";
import { ScontrolError } from "../../../lib/slurm/scontrol_api.ts";
import { InMemoryScontrol } from "../../../lib/slurm/scontrol_in_memory.ts";
import { replacing } from "../../fixtures/rig.ts";

const pure = { permissions: "none" } as const;
const NODES = Array.from({ length: 20 }, (_, i) => `c${i}`);
const down = (reason: string): FailureVerdict => ({ kind: "down", reason, until: 1 });
const givenBack = (reason: string): FailureVerdict => ({ kind: "powered-down", reason });

function slurm(): InMemoryScontrol {
  const scontrol = new InMemoryScontrol(NODES);
  scontrol.requestPowerUp(NODES);
  return scontrol;
}

Deno.test("tellVerdicts() makes one update a reason, and looks once whether they took", pure, async () => {
  const scontrol = slurm();
  const verdicts = new Map(
    NODES.map((name, i) => [name, i < 8 ? down("slurm-ec2 until=x pool") : givenBack("slurm-ec2 throttled")]),
  );
  assertEquals(await tellVerdicts(scontrol, verdicts), []);
  assertEquals(scontrol.calls, ["updateState down", "updateState power_down_force", "showNodes"]);
  assertEquals(scontrol.nodes.get("c0")!.base, "DOWN");
  assertEquals(scontrol.nodes.get("c0")!.reason, "slurm-ec2 until=x pool");
  assert(!scontrol.nodes.get("c9")!.flags.has("POWERING_UP"));
});

Deno.test("tellVerdicts() keeps nodes of one reason but two verdicts apart", pure, async () => {
  const scontrol = slurm();
  await tellVerdicts(scontrol, new Map([["c0", down("same")], ["c1", givenBack("same")]]));
  assertEquals([scontrol.nodes.get("c0")!.base, scontrol.nodes.get("c1")!.base], ["DOWN", "IDLE"]);
});

Deno.test("tellVerdicts() of nothing asks nothing", pure, async () => {
  const scontrol = slurm();
  assertEquals(await tellVerdicts(scontrol, new Map()), []);
  assertEquals(scontrol.calls, []);
});

Deno.test(
  "tellVerdicts() answers the nodes that slurmctld refused, each with scontrol's words",
  pure,
  async () => {
    const scontrol = slurm();
    scontrol.unknown.add("c3");
    const failed = await tellVerdicts(scontrol, new Map(NODES.map((name) => [name, down("no capacity")])));
    assertEquals(failed.map(({ item }) => item), ["c3"]);
    assertStringIncludes((failed[0]!.error as Error).message, "c3");
    assertEquals([...scontrol.nodes.values()].filter(({ base }) => base === "DOWN").length, 19);
  },
);

Deno.test("tellVerdicts() says a verdict again that slurmctld took but does not show", pure, async () => {
  const scontrol = slurm();
  let lost = 1;
  const updateState: InMemoryScontrol["updateState"] = (names, state, reason) =>
    lost-- > 0 ? Promise.resolve() : scontrol.updateState(names, state, reason);
  assertEquals(await tellVerdicts(replacing(scontrol, { updateState }), new Map([["c0", down("x")]])), []);
  assertEquals(scontrol.nodes.get("c0")!.base, "DOWN");
});

Deno.test(
  "tellVerdicts() tells which nodes slurmctld still shows otherwise after two tries",
  pure,
  async () => {
    const scontrol = slurm();
    const updateState: InMemoryScontrol["updateState"] = (names, state, reason) => {
      const heard = names.filter((name) => name !== "c1");
      return heard.length === 0 ? Promise.resolve() : scontrol.updateState(heard, state, reason);
    };
    const verdicts = new Map([["c0", down("x")], ["c1", givenBack("y")]]);
    const failed = await tellVerdicts(replacing(scontrol, { updateState }), verdicts);
    assertEquals(failed.map(({ item }) => item), ["c1"]);
    assertStringIncludes((failed[0]!.error as Error).message, "still shows ALLOCATED+CLOUD+POWERING_UP");
  },
);

Deno.test("tellVerdicts() does not believe a slurmctld that can't be asked", pure, async () => {
  const showNodes = () => Promise.reject(new ScontrolError("timeout", "no answer"));
  const failed = await tellVerdicts(replacing(slurm(), { showNodes }), new Map([["c0", down("x")]]));
  assertEquals(failed.map(({ item }) => item), ["c0"]);
});
