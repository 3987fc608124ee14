import { assert, assertEquals, assertThrows } from "@std/assert";
import { readChangelog } from "../../../deploy/build/changelog.ts";
import { planRelease, type ReleaseFacts } from "../../../deploy/build/release_plan.ts";
import { OUTPUTS, schemaFile } from "../../../commands/outputs/mod.ts";
import { VERSION } from "../../../lib/base/version.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const pure = { permissions: "none" } as const;

const FACTS: ReleaseFacts = {
  version: "1.2.3",
  machine: "x86_64",
  deno: "2.9.6",
  denos: {},
  programs: true,
  texts: { "NOTES.md": "# notes\n" },
};

Deno.test("planRelease() builds this machine's files, and says what the other machine's takes", pure, () => {
  assertEquals(planRelease(FACTS), [
    { kind: "text", file: "NOTES.md", text: "# notes\n" },
    {
      kind: "program",
      file: "slurm-ec2-1.2.3-x86_64-portable",
      args: ["--portable", "--target", "x86_64"],
      optional: false,
    },
    { kind: "program", file: "slurm-ec2-1.2.3-x86_64", args: ["--target", "x86_64"], optional: true },
    {
      kind: "missing",
      file: "slurm-ec2-1.2.3-aarch64-portable",
      why: "it takes Deno 2.9.6 for aarch64: --deno-aarch64 FILE",
    },
    { kind: "program", file: "slurm-ec2-1.2.3-aarch64", args: ["--target", "aarch64"], optional: true },
  ]);
});

Deno.test("planRelease() takes the Deno that is named", pure, () => {
  const items = planRelease({ ...FACTS, denos: { aarch64: "/d" } });
  assert(!items.some(({ kind }) => kind === "missing"));
  const portable = items.find(({ file }) => file === "slurm-ec2-1.2.3-aarch64-portable");
  assert(portable?.kind === "program");
  assertEquals(portable.args, ["--portable", "--target", "aarch64", "--deno", "/d"]);
});

Deno.test("readChangelog() reads versions, dates and what changed", pure, () => {
  const text = "# Changelog\n\n## [Unreleased]\n\n- x\n\n## [1.0.0] - 2026-01-02\n\n### Added\n\n- y\n";
  assertEquals(readChangelog(text), [
    { version: "Unreleased", text: "- x" },
    { version: "1.0.0", date: "2026-01-02", text: "### Added\n\n- y" },
  ]);
  assertThrows(() => readChangelog("## 1.0.0\n"), SyntaxError, 'Not a version of a changelog: "## 1.0.0"');
});

Deno.test("CHANGELOG.md begins with what is not released, and its newest version is deno.json's", async () => {
  const [unreleased, newest, ...older] = readChangelog(await Deno.readTextFile(`${ROOT}CHANGELOG.md`));
  assertEquals([unreleased?.version, newest?.version], ["Unreleased", VERSION]);
  const kinds = /^### (?:Added|Changed|Deprecated|Removed|Fixed|Security)$/;
  for (const { version, date, text } of [newest!, ...older]) {
    assert(date !== undefined && /^\d+\.\d+\.\d+$/.test(version), version);
    for (const heading of text.match(/^###.*$/gm) ?? []) assert(kinds.test(heading), heading);
  }
});

async function release(...args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--frozen", `${ROOT}deploy/build/release.ts`, ...args],
    cwd: "/",
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("deno task release --plan names every file and builds nothing", async () => {
  const out = await Deno.makeTempDir({ prefix: "slurm-ec2-release-" });
  try {
    const { code, stdout } = await release("--plan", "--out", `${out}/r`);
    // The other machine's Deno is not named.
    assertEquals(code, 3);
    assert(stdout.includes(`build    slurm-ec2-${VERSION}-${Deno.build.arch}-portable\n`), stdout);
    assert(
      stdout.includes(`build    slurm-ec2-${VERSION}-${Deno.build.arch}, where denort can be had\n`),
      stdout,
    );
    assert(/^missing {2}slurm-ec2-\S+-portable: it takes Deno/m.test(stdout), stdout);
    assertEquals([...Deno.readDirSync(out)], []);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});

Deno.test("deno task release builds the same bytes again, with a checksum for each, and leaves foreign files alone", async () => {
  const out = await Deno.makeTempDir({ prefix: "slurm-ec2-release-" });
  try {
    const sums = [];
    for (const _ of [1, 2]) {
      const { code, stdout, stderr } = await release("--without-programs", "--out", `${out}/r`);
      assertEquals([code, stderr], [3, ""]);
      assert(stdout.includes("missing  slurm-ec2-"), stdout);
      sums.push(await Deno.readTextFile(`${out}/r/SHA256SUMS`));
    }
    assertEquals(sums[0], sums[1]);
    const files = sums[0]!.trimEnd().split("\n").map((line) => line.split("  ")[1]!);
    const wanted = ["NOTES.md", "slurm-ec2.bash", "slurm-ec2.schema.json"]
      .concat(Object.keys(OUTPUTS).map((name) => `schemas/${schemaFile(name)}`));
    assertEquals(files, wanted.sort());
    const check = await new Deno.Command("sha256sum", {
      args: ["--check", "--quiet", "SHA256SUMS"],
      cwd: `${out}/r`,
    }).output();
    assert(check.success, new TextDecoder().decode(check.stdout));
    await Deno.writeTextFile(`${out}/mine`, "");
    const refused = await release("--without-programs", "--out", out);
    assertEquals(refused.code, 1);
    assert(refused.stderr.includes("holds something else than a release"), refused.stderr);
    assertEquals(await Deno.readTextFile(`${out}/mine`), "");
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});

for (
  const [args, says] of [[["x"], "release takes no arguments"], [["--pla"], "did you mean --plan?"]] as const
) {
  Deno.test(`deno task release ${args.join(" ")} says what is wrong`, async () => {
    const { code, stderr } = await release(...args);
    assertEquals(code, 2);
    assert(stderr.includes(says), stderr);
  });
}

Deno.test("deno task release --help and deno task compile --help are in the style of all others", async () => {
  for (const [task, file] of [["release", "release.ts"], ["compile", "compile.ts"]]) {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--frozen", `${ROOT}deploy/build/${file}`, "--help"],
    }).output();
    assertEquals(code, 0);
    const text = new TextDecoder().decode(stdout);
    for (
      const part of [`Usage: deno task ${task} [flags]\n`, "\nFlags:\n", "\nExamples:\n", "\nExit status:\n"]
    ) {
      assert(text.includes(part), text);
    }
  }
});
