import { assert } from "@std/assert";
import { agreementOf, describeDisagreement, isWrong } from "./agreement.ts";
import { askLint } from "./lint_answer.ts";
import { committedShapes } from "./shape_answers.ts";
import { filesOf } from "./shapes/shape.ts";

for (const version of ["22.05", "24.11", "26.05"] as const) {
  Deno.test(`lint() agrees with what slurmctld ${version} did with the committed configurations`, () => {
    const compared = committedShapes(version).map(({ kind, shape, outcome, words }) => ({
      input: { kind, what: JSON.stringify(shape) },
      verdict: { outcome, words },
      lint: askLint(version, filesOf(shape)),
    }));
    const { refused, refusedFound, accepted, acceptedLeft } = agreementOf(compared);
    const list = compared.filter(isWrong).map(describeDisagreement).join("\n");
    assert(refused > 200 && accepted > 100, `${refused} refused, ${accepted} accepted`);
    assert(refusedFound / refused >= 0.95, list);
    assert(acceptedLeft === accepted, list);
  });
}
