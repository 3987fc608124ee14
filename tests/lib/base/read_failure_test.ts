import { assertEquals, assertStringIncludes } from "@std/assert";
import { failureName, readFailure, systemWords } from "../../../lib/base/read_failure.ts";

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

Deno.test("systemWords() leaves out what only a program wants to know", { permissions: "none" }, () => {
  assertEquals(
    systemWords(new Error("No space left on device (os error 28): write 'x'")),
    "no space left on device",
  );
  assertEquals(systemWords(new Error("disk on fire")), "disk on fire");
  assertEquals(systemWords("odd"), "odd");
});
