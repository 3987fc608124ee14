import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as v from "valibot";
import { parse } from "yaml";
import { missingPrograms, takesRoot, testWhere } from "../test_where.ts";
import { withFakeImage } from "./fake_image.ts";
import { ToeDocument } from "./toe_document.ts";

const TEXT = Deno.readTextFileSync(new URL("../../deploy/ami/component.yaml", import.meta.url));
const COMPONENT = v.parse(ToeDocument, parse(TEXT));

/** What ends up in the shell of a step. */
function script(phase: string, step: string, values: Readonly<Record<string, string>>): string {
  const found = COMPONENT.phases.find(({ name }) => name === phase)?.steps.find(({ name }) => name === step);
  if (found?.action !== "ExecuteBash") throw new Error(`No ExecuteBash ${phase}.${step}`);
  return found.inputs.commands.join("\n").replace(/\{\{ (\w+) \}\}/g, (_, name) => values[name]!);
}

const VALUES = { Directory: "/var/tmp/slurm-ec2", SlurmVersion: "24.05", SlurmUid: "401", Options: "" };

Deno.test("component.yaml is small enough to be given inline", () => {
  // https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateComponent.html
  assert(TEXT.length < 16_000);
});

Deno.test("component.yaml builds, validates and tests, each step with a time limit and an end", () => {
  assertEquals(COMPONENT.phases.map(({ name }) => name), ["build", "validate", "test"]);
  for (const step of COMPONENT.phases.flatMap(({ steps }) => steps)) {
    assert(step.timeoutSeconds !== undefined && step.timeoutSeconds > 0, step.name);
    assertEquals(step.onFailure, "Abort", step.name);
  }
});

Deno.test("component.yaml cleans after everything else that runs before imaging", () => {
  assertEquals(COMPONENT.phases.find(({ name }) => name === "validate")!.steps.at(-1)!.name, "Clean");
});

testWhere(missingPrograms("shellcheck"), "component.yaml's steps pass shellcheck", async () => {
  for (const { name, steps } of COMPONENT.phases) {
    for (const step of steps.filter(({ action }) => action === "ExecuteBash")) {
      const child = new Deno.Command("shellcheck", {
        args: ["--norc", "--shell=bash", "-"],
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(script(name, step.name, VALUES) + "\n"));
      await writer.close();
      assertEquals(new TextDecoder().decode((await child.output()).stdout), "", `${name}.${step.name}`);
    }
  }
});

Deno.test("component.yaml's options are ones that provision knows", () =>
  withFakeImage({ os: ["amzn", "2023"] }, async (image) => {
    const line = script("build", "Provision", { ...VALUES, Options: "--slurm-prefix /opt/slurm/chip" });
    const words = line.slice(line.indexOf(" install ") + 1).trim().split(/\s+/).map((word) =>
      word.replace(/^'|'$/g, "")
    );
    const { code, said } = await image.run(...words, "--dry-run", ...image.node);
    assertEquals(code, 0, said);
    assertStringIncludes(said, "Amazon 2023");
  }));

testWhere(
  takesRoot(missingPrograms("unshare", "mount")),
  "component.yaml's provision starts where hardened images mount /var/tmp noexec",
  async () => {
    const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-noexec-" });
    try {
      const step = script("build", "Provision", { ...VALUES, Directory: directory, Options: "--dry-run" });
      const { code, stdout, stderr } = await new Deno.Command("unshare", {
        args: [
          ...["-m", "sh", "-c"],
          'mount -t tmpfs -o noexec tmpfs "$1" && tar -C "$2" -czf "$1/deploy.tar.gz" ami node && exec bash -c "$3"',
          ...["sh", directory, decodeURIComponent(new URL("../../deploy", import.meta.url).pathname), step],
        ],
        stdin: "null",
      }).output();
      const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      // It ends because this machine is not of a distribution that it makes images of, or says what it would do.
      assert(code !== 126 && !/[Pp]ermission denied|failed to run/.test(said), `${code}: ${said}`);
      assertStringIncludes(said, "slurm-ec2: ");
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
);

Deno.test("component.yaml gives provision more time than provision takes before it says where it was", () => {
  const provision = Deno.readTextFileSync(new URL("../../deploy/ami/provision", import.meta.url));
  const own = Number(provision.match(/^ {2}limit=(\d+)$/m)![1]);
  const step = COMPONENT.phases[0]!.steps.find(({ name }) => name === "Provision")!;
  assert(step.timeoutSeconds! > own + 20);
});

const BROKEN: readonly (readonly [string, (text: string) => string])[] = [
  ["an unknown key", (text) => text.replace("onFailure: Abort", "onError: Abort")],
  ["an unknown action", (text) => text.replace("action: ExecuteBash", "action: ExecuteShell")],
  ["a wrong outcome", (text) => text.replace("onFailure: Abort", "onFailure: Retry")],
  ["a time limit in words", (text) => text.replace("timeoutSeconds: 300", "timeoutSeconds: 5m")],
  ["another phase", (text) => text.replace("- name: validate", "- name: verify")],
  ["a phase twice", (text) => text.replace("- name: validate", "- name: build")],
  ["a step twice", (text) => text.replace("- name: Provision", "- name: Fetch")],
  ["a parameter that nobody defined", (text) => text.replace("{{ SlurmUid }}", "{{ SlurmUser }}")],
  ["another version of the schema", (text) => text.replace("schemaVersion: 1.0", "schemaVersion: 2.0")],
  ["a parameter that is not a string", (text) => text.replace("type: string", "type: number")],
];

for (const [what, damage] of BROKEN) {
  Deno.test(`the schema of components refuses ${what}`, () => {
    const damaged = damage(TEXT);
    assert(damaged !== TEXT);
    assert(!v.safeParse(ToeDocument, parse(damaged)).success);
  });
}
