import { assert, assertEquals } from "@std/assert";
import { readSources, rootTestFiles } from "./root_tests.ts";

Deno.test(
  "rootTestFiles() follows imports of fixtures, circles too, and only those",
  { permissions: "none" },
  () => {
    // Put together, so that this file is not one of them.
    const mark = `${"takesRoot"}(missing)`;
    const files = rootTestFiles(
      new Map([
        ["tests/test_where.ts", `export function ${mark} {}`],
        ["tests/a_test.ts", 'import { testWhere } from "./test_where.ts"; testWhere(' + mark],
        ["tests/b/b_test.ts", 'import { host } from "../fixtures/host.ts"; host();'],
        ["tests/fixtures/host.ts", 'import "x"; import { c } from "./c.ts"; testWhere(' + mark],
        ["tests/fixtures/c.ts", 'import { d } from "./d.ts";'],
        ["tests/fixtures/d.ts", 'import { c } from "./c.ts";'],
        ["tests/d_test.ts", 'import { d } from "./fixtures/d.ts";'],
        ["tests/c_test.ts", 'import { testWhere } from "./test_where.ts";'],
      ]),
    );
    assertEquals(files, ["tests/a_test.ts", "tests/b/b_test.ts"]);
  },
);

Deno.test("rootTestFiles() finds those of doctor's machines and of images among the tests", () => {
  const all = readSources(new URL("../", import.meta.url), "tests/");
  const files = rootTestFiles(all);
  assert(files.includes("tests/commands/doctor/dns_test.ts"), "by a fixture");
  assert(files.includes("tests/deploy/ami_test.ts"), "by itself");
  assert(files.length < 40, `${files.length} of ${all.size} files`);
});
