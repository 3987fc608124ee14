import { assert, assertEquals } from "@std/assert";
import { runChaos } from "../soak/chaos/run.ts";
import { testWhere } from "../test_where.ts";
import { whyNoRig } from "./rig.ts";

/** Seconds of mishaps; the rest of a minute is mostly slurmctld's, which looks at batch jobs every 30 s. */
const CHAOS = 25;
/** Mishaps that happen however slow the machine is. */
const LEAST = 5;

/** The slice of `deno task soak:chaos` that the gate plays: one version, one seed, and as long as it takes to settle. */
testWhere(
  whyNoRig("22.05"),
  "jobs run, nodes work and no instance is left after half a minute of mishaps on Slurm 22.05",
  async () => {
    const report = await runChaos({
      version: "22.05",
      seed: 7,
      chaos: CHAOS,
      least: LEAST,
      settle: 1_200,
      timer: 10,
    });
    assertEquals(report.problems, [], report.logs);
    // What did not happen proves nothing.
    assert(report.jobs > 1 && report.instances > 0, JSON.stringify(report));
    const mishaps = Object.values(report.mishaps).reduce((sum, count) => sum + count, 0);
    assert(mishaps >= LEAST, JSON.stringify(report));
  },
);
