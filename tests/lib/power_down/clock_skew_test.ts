import { assertEquals, assertStringIncludes } from "@std/assert";
import { ScontrolError } from "../../../lib/slurm/scontrol_api.ts";
import { kinds } from "../../fixtures/kinds.ts";
import { makeRig, replacing, type Rig } from "../../fixtures/rig.ts";

/** Three nodes up, on a host whose clock is behind EC2's by less than a signature may be. */
async function lateRig(): Promise<Rig> {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const rig = await makeRig({ aws: { now: () => clock.now + 120_000 } });
  assertEquals(kinds((await rig.resume("c[0-2]")).nodes), { assigned: 3 });
  clock.now = rig.clock.now += 1_000;
  return rig;
}

Deno.test("powerDown() ends instances that were launched in the future when Slurm wants their nodes down", async () => {
  await using rig = await lateRig();
  assertEquals(kinds((await rig.stop("c[0-2]")).nodes), { terminated: 3 });
  assertEquals(rig.live(), []);
  assertStringIncludes(
    rig.warnings.join(),
    "Instances of c[0-2] were launched in the future: set this host's clock",
  );
});

Deno.test("powerDown() leaves the instance of a later power-up alone", async () => {
  await using rig = await lateRig();
  const ports = rig.ports();
  const scontrol = replacing(ports.scontrol, {
    showNodes: (names) => {
      rig.scontrol.requestPowerUp(["c1"]);
      return rig.scontrol.showNodes(names);
    },
  });
  assertEquals(kinds((await rig.stop("c[0-2]", { ...ports, scontrol })).nodes), {
    "terminated": 2,
    "no-instance": 1,
  });
  assertEquals(rig.live().map(({ node }) => node), ["c1"]);
});

Deno.test("powerDown() leaves what was launched later alone, and says so, when slurmctld does not answer", async () => {
  await using rig = await lateRig();
  const ports = rig.ports();
  const scontrol = replacing(ports.scontrol, {
    showNodes: () => Promise.reject(new ScontrolError("timeout", "scontrol took too long")),
  });
  await rig.stop("c[0-2]", { ...ports, scontrol });
  assertEquals(rig.live().length, 3);
  assertStringIncludes(rig.warnings.join(), "c[0-2] launched after the power-down are left alone");
});
