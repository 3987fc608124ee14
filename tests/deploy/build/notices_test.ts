import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { lockedPackages, NOTICES, noticesText } from "../../../deploy/build/notices.ts";

Deno.test("THIRD_PARTY_NOTICES.txt names every package of deno.lock, and Deno", async () => {
  const text = await Deno.readTextFile(NOTICES);
  const lock = await Deno.readTextFile(new URL("../../../deno.lock", import.meta.url));
  const without = lockedPackages(lock).filter((name) => !text.includes(`\n${name} (`));
  assertEquals(without, [], "run deno task notices");
  assertStringIncludes(text, "the Deno authors");
});

Deno.test("lockedPackages() gives each package once, without its peers", { permissions: "none" }, () => {
  const lock = JSON.stringify({ npm: { "@a/b@1.0.0_c@2.0.0": {}, "@a/b@1.0.0_c@3.0.0": {}, "d@1.2.3": {} } });
  assertEquals(lockedPackages(lock), ["@a/b@1.0.0", "d@1.2.3"]);
});

Deno.test(
  "noticesText() has each text once, and says where a package brings none",
  { permissions: "none" },
  () => {
    const text = noticesText([
      { name: "a@1", license: "MIT", texts: ["Text of MIT\n"] },
      { name: "b@1", license: "MIT", texts: ["Text of MIT\n"] },
      { name: "c@1", license: "ISC", texts: [] },
    ]);
    assertEquals(text.split("Text of MIT").length, 2);
    assert(text.includes("a@1 (MIT)\nb@1 (MIT)\n"));
    assertStringIncludes(text, "No licence file in the package; its package.json says ISC.");
  },
);
