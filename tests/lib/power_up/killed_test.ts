import { assert, assertEquals } from "@std/assert";
import type { HookState } from "../../../lib/cluster/hook_state.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { makeRig, type Rig } from "../../fixtures/rig.ts";
import { type Death, mortal } from "../../fixtures/mortal.ts";

const NODES = "c[0-5]";
const POOL = `c7i.large:${WORLD.region}a`;

/** Runs a hook whose process dies somewhere; answers the calls it made, or undefined when it ran to its end. */
async function runMortal(
  rig: Rig,
  death: Death | undefined,
  hook: "resume" | "stop" | "resumeFail",
): Promise<"died" | number> {
  const process = mortal(death);
  const ports = rig.ports();
  const { state } = ports;
  const mortalPorts = {
    ...ports,
    ec2: process.wrap(ports.ec2),
    ssm: process.wrap(ports.ssm),
    scontrol: process.wrap(ports.scontrol),
    state: process.wrap(state) as HookState,
  };
  const run = hook === "resume" ? rig.resume(NODES, [], mortalPorts) : rig[hook](NODES, mortalPorts);
  const end = await Promise.race([run, process.died]);
  state[Symbol.dispose]();
  return end === "died" ? "died" : process.made.length;
}

function assertOneInstanceANode(rig: Rig, context: string): void {
  const nodes = rig.live().map(({ node }) => node);
  assertEquals(nodes.length, new Set(nodes).size, `${context}: a node has two instances: ${nodes}`);
}

/** Tries every death of a hook until one does not happen, since the hook ended before it. */
async function everyDeath(test: (death: Death) => Promise<"died" | number>): Promise<void> {
  for (let at = 1;; at++) {
    for (const when of ["before", "after"] as const) {
      if (await test({ at, when }) !== "died") {
        assert(at > 8, `the hook made only ${at} calls`);
        return;
      }
    }
    assert(at < 200, "the hook never ends");
  }
}

Deno.test("powerUp() leaves no orphan, duplicate or forgotten node when killed at any call and run again", async () => {
  await everyDeath(async (death) => {
    await using rig = await makeRig();
    rig.aws.simulator.setCapacity(POOL, 4);
    const end = await runMortal(rig, death, "resume");
    rig.clock.now += 2_000;
    const context = `killed ${death.when} call ${death.at}`;
    const { nodes, troubles } = await rig.resume(NODES);
    assertEquals(troubles, [], context);
    assertEquals(nodes.size, 6, context);
    const assigned = [...nodes].filter(([, { kind }]) => kind === "assigned").map(([node]) => node).sort();
    const down = [...nodes].filter(([, { kind }]) => kind === "down").map(([node]) => node).sort();
    assertEquals([assigned.length, down.length], [4, 2], context);
    assertOneInstanceANode(rig, context);
    assertEquals(rig.live().map(({ node }) => node).sort(), assigned, context);
    for (const node of assigned) {
      assert(rig.scontrol.nodes.get(node)!.nodeAddr.startsWith("10."), `${context}: ${node} not told`);
    }
    await rig.stop(NODES);
    assertEquals(rig.live(), [], context);
    assertEquals(rig.warnings, [], context);
    assertEquals([...Deno.readDirSync(`${rig.stateDir}/intents`)].length, 0, context);
    return end;
  });
});

Deno.test("powerDown() after a killed powerUp() leaves nothing running", async () => {
  await everyDeath(async (death) => {
    await using rig = await makeRig();
    const end = await runMortal(rig, death, "resume");
    rig.clock.now += 2_000;
    await rig.stop(NODES);
    assertEquals(rig.live(), [], `killed ${death.when} call ${death.at}`);
    return end;
  });
});

Deno.test("powerUp() of other nodes settles a killed hook's launch: awaited nodes are told, others end", async () => {
  await everyDeath(async (death) => {
    await using rig = await makeRig();
    const end = await runMortal(rig, death, "resume");
    rig.clock.now += 2_000;
    rig.scontrol.requestPowerDown(["c4", "c5"]);
    await rig.resume("w[0-1]");
    const context = `killed ${death.when} call ${death.at}`;
    const left = rig.live().map(({ node }) => node).sort();
    const awaited = left.filter((node) => node.startsWith("c"));
    if (awaited.length > 0 && end === "died") {
      for (const node of awaited.filter((name) => !["c4", "c5"].includes(name))) {
        assert(rig.scontrol.nodes.get(node)!.nodeAddr.startsWith("10."), `${context}: ${node} not told`);
      }
    }
    await rig.stop(`${NODES},w[0-1]`);
    assertEquals(rig.live(), [], context);
    return end;
  });
});

Deno.test("powerDown() killed at any call and run again leaves nothing running", async () => {
  await everyDeath(async (death) => {
    await using rig = await makeRig();
    await rig.resume(NODES);
    rig.clock.now += 1_000_000;
    const end = await runMortal(rig, death, "stop");
    rig.clock.now += 2_000;
    await rig.stop(NODES);
    assertEquals(rig.live(), [], `killed ${death.when} call ${death.at}`);
    return end;
  });
});

Deno.test("resumeFail() killed at any call and run again leaves nothing running", async () => {
  await everyDeath(async (death) => {
    await using rig = await makeRig();
    await rig.resume(NODES);
    rig.clock.now += 600_000;
    const end = await runMortal(rig, death, "resumeFail");
    rig.clock.now += 2_000;
    await rig.resumeFail(NODES);
    assertEquals(rig.live(), [], `killed ${death.when} call ${death.at}`);
    return end;
  });
});

Deno.test("another hook leaves a killed hook's instance alone whose node has come up and runs a job", async () => {
  await everyDeath(async (death) => {
    await using rig = await makeRig();
    const end = await runMortal(rig, death, "resume");
    rig.clock.now += 60_000;
    const before = rig.live().map(({ instanceId }) => instanceId).sort();
    for (const { node } of rig.live()) {
      Object.assign(rig.scontrol.nodes.get(node)!, { base: "ALLOCATED", flags: new Set(["CLOUD"]) });
    }
    await rig.resume("w[0-1]");
    const after = rig.live().filter(({ node }) => node.startsWith("c")).map(({ instanceId }) => instanceId)
      .sort();
    assertEquals(before.filter((id) => !after.includes(id)), [], `killed ${death.when} call ${death.at}`);
    return end;
  });
});
