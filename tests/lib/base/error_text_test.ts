import { assertEquals } from "@std/assert";
import { errorText } from "../../../lib/base/error_text.ts";

Deno.test(
  "errorText() is an error's message, and any other thrown value as text",
  { permissions: "none" },
  () => {
    assertEquals(errorText(new RangeError("too far")), "too far");
    assertEquals(errorText("plain"), "plain");
    assertEquals(errorText(undefined), "undefined");
  },
);
