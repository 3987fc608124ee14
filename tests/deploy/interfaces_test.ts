import { assert, assertEquals, assertThrows } from "@std/assert";
import { parse } from "yaml";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What a path is to those who call or read it, links followed. */
type Kind = "program" | "file" | "directory";

/**
 * What sites, images and workflows name by its path, and so what must not move: slurm.conf points at the hooks, a recipe
 * of Image Builder at `provision`, a workflow at the action, pre-commit at the script, editors at the schemas.
 */
const PATHS: Readonly<Record<string, Kind>> = {
  "deploy/hooks/resume": "program",
  "deploy/hooks/stop": "program",
  "deploy/hooks/resume-fail": "program",
  "deploy/hooks/prepare": "program",
  "deploy/hooks/slurm_ec2_resume.py": "program",
  "deploy/hooks/slurm_ec2_stop.py": "program",
  "deploy/hooks/slurm_ec2_resume_fail.py": "program",
  "deploy/action.yml": "file",
  "deploy/lint_hook.sh": "program",
  "deploy/slurm-ec2.schema.json": "file",
  "deploy/schemas": "directory",
  "deploy/schemas/config-check.json": "file",
  "deploy/schemas/config-lint.json": "file",
  "deploy/schemas/config-migrate.json": "file",
  "deploy/schemas/config-render.json": "file",
  "deploy/schemas/demo.json": "file",
  "deploy/schemas/doctor.json": "file",
  "deploy/schemas/event.json": "file",
  "deploy/schemas/install.json": "file",
  "deploy/schemas/resume-fail.json": "file",
  "deploy/schemas/resume.json": "file",
  "deploy/schemas/self-check.json": "file",
  "deploy/schemas/simulate.json": "file",
  "deploy/schemas/ssm-diff.json": "file",
  "deploy/schemas/ssm-put.json": "file",
  "deploy/schemas/ssm-validate.json": "file",
  "deploy/schemas/stop.json": "file",
  "deploy/schemas/uninstall.json": "file",
  "deploy/node": "directory",
  "deploy/node/boot": "program",
  "deploy/node/guard": "program",
  "deploy/node/names": "program",
  "deploy/node/prolog": "program",
  "deploy/node/node.sh": "file",
  "deploy/node/slurm-ec2-guard.service": "file",
  "deploy/node/slurm-ec2-node.service": "file",
  "deploy/ami/provision": "program",
};

/** What people and pipelines call by its name. */
const TASKS = ["cli", "compile", "demo", "test"];

/** The action's inputs and outputs: what workflows say and read by name. */
const ACTION = {
  inputs: ["deno-version", "files", "format", "sarif-file", "slurm-version"],
  outputs: ["exit-code", "sarif-file"],
};

/** What the file system has at a path; throws Deno.errors.NotFound where it has nothing. */
function kindOf(path: string): Kind {
  const { isDirectory, mode } = Deno.statSync(path);
  if (isDirectory) return "directory";
  // All three: hooks are called by SlurmUser, nodes' programs by root.
  return ((mode ?? 0) & 0o111) === 0o111 ? "program" : "file";
}

Deno.test("the paths that sites name are there, of the kind that they were", () => {
  const seen = Object.fromEntries(Object.keys(PATHS).map((path) => [path, kindOf(ROOT + path)]));
  assertEquals(seen, PATHS);
});

Deno.test("the programs that sites name begin with the interpreter that runs them", () => {
  const programs = Object.entries(PATHS).flatMap(([path, kind]) => kind === "program" ? [path] : []);
  const others = programs.filter((path) =>
    !/^#!\/(?:bin|usr\/bin)\//.test(Deno.readTextFileSync(ROOT + path))
  );
  assertEquals(others, []);
});

Deno.test("the tasks that people and pipelines call are in deno.json", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as {
    tasks: Record<string, string>;
  };
  assertEquals(TASKS.filter((name) => !tasks[name]), []);
});

Deno.test("the action has the inputs and outputs that workflows name, and is composite", () => {
  const action = parse(Deno.readTextFileSync(`${ROOT}deploy/action.yml`));
  assertEquals(ACTION.inputs.filter((name) => !(name in action.inputs)), []);
  assertEquals(ACTION.outputs.filter((name) => !(name in action.outputs)), []);
  assertEquals(action.runs.using, "composite");
  // A new input must not break a workflow that doesn't know of it.
  const required = Object.entries(action.inputs as Record<string, { required?: boolean }>)
    .flatMap(([name, { required }]) => required ? [name] : []);
  assertEquals(required, ["files"]);
});

Deno.test("the schemas that sites name are JSON Schemas", () => {
  const schemas = Object.keys(PATHS).filter((path) => path.endsWith(".json"));
  for (const path of schemas) {
    const { $schema } = JSON.parse(Deno.readTextFileSync(ROOT + path));
    assert(/^https?:\/\/json-schema\.org\//.test($schema), path);
  }
});

Deno.test("kindOf() tells a program, a file and a directory, and throws when there is nothing", () => {
  const directory = Deno.makeTempDirSync({ prefix: "slurm-ec2-interfaces-" });
  try {
    const path = `${directory}/resume`;
    assertThrows(() => kindOf(path), Deno.errors.NotFound);
    Deno.writeTextFileSync(path, "#!/bin/sh\n");
    Deno.chmodSync(path, 0o644);
    assertEquals(kindOf(path), "file");
    Deno.chmodSync(path, 0o744);
    assertEquals(kindOf(path), "file", "one that only its owner may run is not a program to others");
    Deno.chmodSync(path, 0o755);
    assertEquals([kindOf(path), kindOf(directory)], ["program", "directory"]);
    Deno.symlinkSync("gone", `${directory}/stop`);
    assertThrows(() => kindOf(`${directory}/stop`), Deno.errors.NotFound);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
