import { assertEquals } from "@std/assert";
import { didYouMean } from "../../../lib/base/did_you_mean.ts";

const COMMANDS = ["resume", "resume-fail", "stop", "status", "reset"];

for (
  const [word, known, guess] of [
    ["resmue", COMMANDS, "resume"],
    ["RESUME", COMMANDS, "resume"],
    ["resume-fial", COMMANDS, "resume-fail"],
    ["sotp", COMMANDS, undefined],
    ["stp", COMMANDS, "stop"],
    ["start", COMMANDS, undefined],
    ["xyzzy", COMMANDS, undefined],
    ["", COMMANDS, undefined],
    ["stop", [], undefined],
    ["aab", ["aaa", "aac"], "aaa"],
    ["instanceType", ["instanceTypes", "instanceProfile"], "instanceTypes"],
  ] as const
) {
  Deno.test(`didYouMean() for "${word}" among ${known.length} is ${guess}`, { permissions: "none" }, () => {
    assertEquals(didYouMean(word, known), guess);
  });
}
