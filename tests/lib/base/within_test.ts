import { assertEquals, assertRejects } from "@std/assert";
import { within } from "../../../lib/base/within.ts";

Deno.test("within() is what comes first, the work's result or the end of its time", async () => {
  assertEquals(await within(60, Promise.resolve(1)), 1);
  assertEquals(await within(0.01, new Promise(() => {})), undefined);
  await assertRejects(() => within(60, Promise.reject(new Error("no"))), Error, "no");
});
