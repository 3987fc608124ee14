import { assertEquals } from "@std/assert";
import { readText } from "../../../lib/base/read_text.ts";

function readerOf(...parts: readonly (readonly number[])[]): ReadableStreamDefaultReader<Uint8Array> {
  return ReadableStream.from(parts.map((bytes) => new Uint8Array(bytes))).getReader();
}

Deno.test("readText() joins what is cut within a character", { permissions: "none" }, async () => {
  assertEquals(await readText(readerOf([0x61, 0xc3], [0xa9, 0x62])), "a\u00e9b");
});

Deno.test(
  "readText() says each time that there is more than was wanted",
  { permissions: "none" },
  async () => {
    let told = 0;
    const limit = { length: 2, exceeded: () => void told++ };
    assertEquals(await readText(readerOf([0x61, 0x62], [0x63], [0x64]), limit), "abcd");
    assertEquals(told, 2);
  },
);
