import { assertEquals } from "@std/assert";
import { hasWorker } from "../../../lib/install/former.ts";

Deno.test("hasWorker() knows this release's hook, and one that acts by itself", () => {
  const hook = Deno.readTextFileSync(new URL("../../../deploy/hooks/hook", import.meta.url));
  assertEquals(hasWorker(hook), true);
  assertEquals(hasWorker(""), false);
  assertEquals(
    hasWorker("case ${0##*/} in\n  resume) command=resume ;;\n  stop) command=stop ;;\nesac\n"),
    false,
  );
});
