import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decode, encode, sourceFile } from "../../../lib/slurm_conf/source_file.ts";

Deno.test("decode() takes valid UTF-8 for that, the byte order mark kept, and all else for Latin-1", {
  permissions: "none",
}, () => {
  assertEquals(decode(new Uint8Array([0xEF, 0xBB, 0xBF, 0xC3, 0xA4])), {
    text: "\uFEFFä",
    encoding: "utf-8",
  });
  assertEquals(decode(new Uint8Array([0xE4, 0x80])), { text: "ä\u0080", encoding: "latin-1" });
});

Deno.test("encode() is the inverse of decode()", { permissions: "none" }, () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
    const { text, encoding } = decode(bytes);
    assertEquals(encode(text, encoding), bytes);
  }));
});

Deno.test("sourceFile() knows where each line begins", { permissions: "none" }, () => {
  const { lineStarts } = sourceFile("x", "slurm.conf", new TextEncoder().encode("a\n\r\nb"));
  assertEquals(lineStarts, [0, 2, 4]);
});
