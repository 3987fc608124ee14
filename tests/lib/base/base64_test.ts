import { assertEquals } from "@std/assert";
import { encodeBase64 } from "../../../lib/base/base64.ts";

Deno.test("encodeBase64() encodes UTF-8 bytes with padding", { permissions: "none" }, () => {
  // RFC 4648, section 10, and a text of more bytes than characters.
  for (
    const [text, encoded] of [["", ""], ["f", "Zg=="], ["fo", "Zm8="], ["foo", "Zm9v"], [
      "Größe",
      "R3LDtsOfZQ==",
    ]]
  ) {
    assertEquals(encodeBase64(text!), encoded!);
  }
});
