import { assert, assertEquals } from "@std/assert";
import { oracleAnswer } from "../../lib/slurm_conf/oracle.ts";
import { heldOut } from "./held_out.ts";
import { committedShapes } from "./shape_answers.ts";
import { filesOf } from "./shapes/shape.ts";

for (const version of ["22.05", "24.11", "26.05"] as const) {
  const drawn = heldOut(version, 4711, 400);

  Deno.test(`heldOut() draws at least 300 inputs for ${version}, the same ones for the same seed`, () => {
    assert(drawn.length >= 300);
    assertEquals(heldOut(version, 4711, 400), drawn);
    assert(JSON.stringify(heldOut(version, 4712, 400)) !== JSON.stringify(drawn));
  });

  Deno.test(`heldOut() draws nothing for ${version} that is in the committed data`, () => {
    for (const { kind, changes } of drawn) {
      if (kind !== "value") continue;
      const { table, key, value } = changes[0]!;
      assert(oracleAnswer(version, table, key, value)?.how !== "asked", `${table} ${key}=${value}`);
    }
    const committed = new Set(committedShapes(version).map(({ shape }) => JSON.stringify(filesOf(shape))));
    assertEquals(drawn.filter(({ files }) => committed.has(JSON.stringify(files))), []);
  });
}
