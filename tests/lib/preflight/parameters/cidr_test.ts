import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { containsCidr, parseCidr } from "../../../../lib/preflight/parameters/cidr.ts";

const READ: readonly (readonly [text: string, start: number | undefined, bits?: number])[] = [
  ["10.1.2.3", 0x0A010203, 32],
  ["10.1.2.3/16", 0x0A010000, 16],
  ["0.0.0.0/0", 0, 0],
  ["255.255.255.255", 0xFFFFFFFF, 32],
  ["256.0.0.1", undefined],
  ["10.0.0.0/33", undefined],
  ["10.0.0", undefined],
  ["::/0", undefined],
  ["ctl1", undefined],
  ["", undefined],
];
Deno.test("parseCidr() reads IPv4 blocks and nothing else", { permissions: "none" }, () => {
  for (const [text, start, bits] of READ) {
    assertEquals(parseCidr(text), start === undefined ? undefined : { start, bits }, text);
  }
});

Deno.test("containsCidr() holds for every block around an address, and for no smaller one", {
  permissions: "none",
}, () => {
  fc.assert(fc.property(fc.ipV4(), fc.nat(32), fc.nat(32), (address, a, b) => {
    const [outer, inner] = [parseCidr(`${address}/${a}`)!, parseCidr(`${address}/${b}`)!];
    assertEquals(containsCidr(outer, inner), a <= b);
  }));
});

Deno.test("containsCidr() tells neighbours apart", { permissions: "none" }, () => {
  const contains = (outer: string, inner: string) => containsCidr(parseCidr(outer)!, parseCidr(inner)!);
  assert(contains("10.0.0.0/19", "10.0.31.255"));
  assert(!contains("10.0.0.0/19", "10.0.32.0"));
  assert(!contains("10.0.32.0/19", "10.0.31.255"));
  assert(contains("0.0.0.0/0", "255.255.255.255"));
});
