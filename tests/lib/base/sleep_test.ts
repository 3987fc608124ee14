import { assertEquals, assertRejects } from "@std/assert";
import { sleep } from "../../../lib/base/sleep.ts";

Deno.test("sleep() rejects with the signal's reason when aborted before or meanwhile", {
  permissions: "none",
}, async () => {
  const reason = new Error("enough");
  await assertRejects(() => sleep(60_000, AbortSignal.abort(reason)), Error, "enough");
  const controller = new AbortController();
  const sleeping = sleep(60_000, controller.signal);
  controller.abort(reason);
  await assertRejects(() => sleeping, Error, "enough");
});

Deno.test("sleep() ends by itself and leaves no listener", { permissions: "none" }, async () => {
  assertEquals(await sleep(1, new AbortController().signal), undefined);
});
