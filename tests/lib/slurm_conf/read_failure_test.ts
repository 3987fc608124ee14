import { assertEquals, assertStringIncludes } from "@std/assert";
import { failureName, readFailure } from "../../../lib/slurm_conf/read_failure.ts";

const FAILURES: readonly (readonly [unknown, string, string])[] = [
  [new Deno.errors.NotFound("x"), "NotFound", "no such file"],
  [new Deno.errors.PermissionDenied("x"), "PermissionDenied", "no permission"],
  [new Deno.errors.NotCapable("x"), "NotCapable", "--allow-read"],
  [new Deno.errors.IsADirectory("x"), "IsADirectory", "a directory"],
  [Object.assign(new Error("x"), { code: "EISDIR" }), "IsADirectory", "a directory"],
  [new Error("disk on fire"), "Error", "disk on fire"],
  ["odd", "", "odd"],
];

for (const [error, name, words] of FAILURES) {
  Deno.test(`readFailure() says what to do about ${name || error}: ${words}`, { permissions: "none" }, () => {
    assertEquals(failureName(error), name);
    assertStringIncludes(readFailure(error), words);
  });
}
