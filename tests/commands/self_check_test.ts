import { assert, assertEquals, assertMatch } from "@std/assert";
import { checkJson } from "./check_output.ts";
import { problemsOf } from "../../commands/self_check.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const ROOT = MAIN.replace(/main\.ts$/, "");

for (
  const [says, parts, problems] of [
    ["files as they were built", [{ name: "a", sha256: "1", wanted: "1" }], []],
    ["files of which the build says nothing", [{ name: "a", sha256: "1" }], []],
    ["another checksum", [{ name: "a", sha256: "1", wanted: "2" }, { name: "b", sha256: "3", wanted: "3" }], [
      "a has the checksum 1, built with 2: extract or fetch it again",
    ]],
    ["a file that can't be read", [{ name: "a", wanted: "2", trouble: "No such file" }], [
      "a can't be read: No such file",
    ]],
  ] as const
) {
  Deno.test({
    name: `problemsOf() tells of ${says}`,
    permissions: "none",
    fn: () => assertEquals(problemsOf({ parts }), [...problems]),
  });
}

Deno.test("problemsOf() looks at the started file, too", () => {
  assertEquals(problemsOf({ file: { name: "f", sha256: "1", wanted: "2" }, parts: [] }).length, 1);
});

async function selfCheck(main: string, args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--cached-only", "--no-prompt", "-A", main, "self", "check", ...args],
  }).output();
  const text = new TextDecoder();
  checkJson(["self", "check", ...args], text.decode(stdout));
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("self check from sources says versions, kind and what it holds, which is reading and variables", async () => {
  const { code, stdout } = await selfCheck(MAIN, ["--json"]);
  assertEquals(code, 0);
  const report = JSON.parse(stdout);
  assertEquals([report.kind, report.deno, report.v8, report.target], [
    ...["source", Deno.version.deno, Deno.version.v8, Deno.build.target],
  ]);
  assertEquals(`${report.directory}/`, ROOT);
  assertEquals(report.permissions, {
    ...{ net: "none", run: "none", write: "none", read: "all", env: "all", sys: "none", ffi: "none" },
  });
  assertEquals([report.parts, report.problems], [[], []]);
});

Deno.test("self check of a plain bundle knows that it is one, and says it in text", async () => {
  const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-self-check-" });
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--minify", "--code-splitting", "--outdir", directory, MAIN],
      cwd: ROOT,
    }).output();
    assert(success);
    const { code, stdout } = await selfCheck(`${directory}/main.js`, []);
    assertEquals(code, 0);
    assertMatch(stdout, /^Kind +bundle$/m);
    assertMatch(stdout, new RegExp(`^Deno +${Deno.version.deno.replaceAll(".", "\\.")}, V8 `, "m"));
    assertMatch(stdout, /^Permissions +net none, run none, write none, read all, env all,/m);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("self check takes no arguments", async () => {
  const { code, stderr } = await selfCheck(MAIN, ["now"]);
  assertEquals(code, 2);
  assertMatch(stderr, /^slurm-ec2: Command self check takes no arguments, got "now"\n/);
});
