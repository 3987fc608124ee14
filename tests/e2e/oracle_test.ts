import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { agreementOf, compare, describeDisagreement, isWrong } from "../oracle/agreement.ts";
import type { Change } from "../oracle/base.ts";
import { askEach } from "../oracle/ask.ts";
import { committedAnswers } from "../oracle/committed.ts";
import { heldOut } from "../oracle/held_out.ts";
import { comparePublicShapes } from "../oracle/public_shapes.ts";
import { testWhere } from "../test_where.ts";
import { whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

/** The slice of every gate; SLURM_EC2_ORACLE_SEED draws another. */
const SEED = Number(Deno.env.get("SLURM_EC2_ORACLE_SEED") ?? 20261130);
const ASKED_AGAIN = 80;
const HELD_OUT = 150;

for (const version of VERSIONS) {
  testWhere(
    whyNoRig(version),
    `slurmctld ${version} still does what the committed data says it did`,
    async () => {
      const committed = committedAnswers(version).filter(({ outcome }) => outcome !== "machine");
      const drawn = fc.sample(fc.constantFrom(...committed), { seed: SEED, numRuns: ASKED_AGAIN });
      const verdicts = await askEach(version, drawn.map(({ change }) => change));
      const told = (change: Change, outcome: string) =>
        `${change.table}: ${change.key}=${change.value}: ${outcome}`;
      assertEquals(
        drawn.map(({ change }, index) => told(change, verdicts[index]!.outcome)),
        drawn.map(({ change, outcome }) => told(change, outcome)),
      );
    },
  );

  testWhere(
    whyNoRig(version),
    `lint() agrees with slurmctld ${version} on inputs that are in no committed data`,
    async () => {
      const compared = await compare(version, heldOut(version, SEED, HELD_OUT));
      const { refused, refusedFound, accepted, acceptedLeft } = agreementOf(compared);
      const list = compared.filter(isWrong).map(describeDisagreement).join("\n");
      assert(refused > 20 && accepted > 20, "the draw has too few of either kind");
      assert(
        refusedFound / refused >= 0.95,
        `${refusedFound} of ${refused} refused inputs are called errors:\n${list}`,
      );
      assert(
        acceptedLeft / accepted >= 0.995,
        `${acceptedLeft} of ${accepted} accepted inputs are left alone:\n${list}`,
      );
    },
  );

  testWhere(
    whyNoRig(version),
    `lint() agrees with slurmctld ${version} on the shapes of public configurations`,
    async () => {
      const compared = await comparePublicShapes(version);
      assert(compared.length >= 30);
      assertEquals(compared.filter(isWrong).map(describeDisagreement), []);
    },
  );
}
