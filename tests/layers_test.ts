import { assert, assertEquals } from "@std/assert";
import { checkLayers, type Module, readModule } from "./layers.ts";

const ROOT = new URL("../", import.meta.url);

/** Every TypeScript file of the program: a folder that is new is found by itself. */
function readProgram(): Module[] {
  const modules: Module[] = [];
  const visit = (path: string) => {
    for (const entry of Deno.readDirSync(new URL(path === "" ? "." : path, ROOT))) {
      if (entry.name.startsWith(".") || entry.name === "node_modules" || entry.name === "dist") continue;
      const child = `${path}${entry.name}`;
      if (entry.isDirectory) visit(`${child}/`);
      else if (child.endsWith(".ts")) {
        modules.push(readModule(child, Deno.readTextFileSync(new URL(child, ROOT))));
      }
    }
  };
  visit("");
  return modules;
}

Deno.test("the program's imports go down only", () => {
  const program = readProgram();
  for (
    const path of [
      "main.ts",
      "mod.ts",
      "commands/base/command.ts",
      "lib/aws/ec2_client.ts",
      "lib/slurm/hostlist.ts",
    ]
  ) {
    assert(program.some((module) => module.path === path), `${path} was not found`);
  }
  assert(program.find(({ path }) => path === "main.ts")!.exits, "main.ts was not seen to exit");
  assertEquals(checkLayers(program), []);
});

function check(path: string, source: string): string[] {
  return checkLayers([readModule(path, source)]);
}

const BREAKS: readonly (readonly [path: string, source: string, says: string])[] = [
  ["commands/a.ts", 'import { main } from "../main.ts";', "commands/a.ts may not import main.ts"],
  [
    "commands/a.ts",
    'import { a } from "../deploy/build/compile.ts";',
    "may not import deploy/build/compile.ts",
  ],
  [
    "lib/install/a.ts",
    'import a from "../../deploy/hooks/hook" with { type: "text" };',
    "may not import deploy/hooks/hook",
  ],
  [
    "lib/power_up/a.ts",
    'import { a } from "../../commands/base/command.ts";',
    "may not import commands/base/command.ts",
  ],
  [
    "lib/power_up/a.ts",
    'import { a } from "../install/plan.ts";',
    "may not import lib/install/plan.ts",
  ],
  ["lib/power_up/a.ts", 'import type { A } from "../install/plan.ts";', "plan.ts, not even types"],
  ["lib/power_up/a.ts", 'import { type A } from "../install/plan.ts";', "plan.ts, not even types"],
  ["lib/power_up/a.ts", 'let a: import("../install/plan.ts").A;', "plan.ts, not even types"],
  ["lib/power_up/a.ts", 'import { a } from "../config/model.ts";', "may not import lib/config/model.ts"],
  [
    "lib/power_up/a.ts",
    'import { type A, b } from "../config/model.ts";',
    "may not import lib/config/model.ts",
  ],
  ["lib/power_up/a.ts", 'import { a } from "../config/parse.ts";', "may not import lib/config/parse.ts"],
  ["lib/power_up/a.ts", 'import type { A } from "../config/parse.ts";', "parse.ts, not even types"],
  ["lib/power_up/a.ts", 'export * from "../sim/step.ts";', "may not import lib/sim/step.ts"],
  ["lib/power_up/a.ts", 'export { a } from "../sim/step.ts";', "may not import lib/sim/step.ts"],
  ["lib/power_up/a.ts", 'await import("../sim/step.ts");', "may not import lib/sim/step.ts"],
  ["lib/power_up/a.ts", 'import "../sim/step.ts";', "may not import lib/sim/step.ts"],
  [
    "lib/power_up/a.ts",
    'import { a } from "../aws/ec2_client.ts";',
    "may not import the adapter lib/aws/ec2_client.ts",
  ],
  ["lib/cluster/a.ts", 'import { a } from "../slurm/scontrol_process.ts";', "may not import the adapter"],
  ["lib/cluster/a.ts", 'import { a } from "../power_up/run.ts";', "may not import lib/power_up/run.ts"],
  ["lib/config/a.ts", 'import { a } from "../cluster/group.ts";', "may not import lib/cluster/group.ts"],
  ["lib/newcomer/a.ts", 'import { a } from "../power_up/run.ts";', "may not import lib/power_up/run.ts"],
  ["lib/identity/a.ts", 'import { a } from "../cluster/group.ts";', "may not import lib/cluster/group.ts"],
  ["lib/aws/a.ts", 'import { a } from "../slurm/hostlist.ts";', "may not import lib/slurm/hostlist.ts"],
  ["lib/aws/a.ts", 'import type { A } from "../slurm/node_state.ts";', "node_state.ts, not even types"],
  ["lib/slurm/a.ts", 'import { a } from "../aws/instance.ts";', "may not import lib/aws/instance.ts"],
  ["lib/base/a.ts", 'import { a } from "../slurm/hostlist.ts";', "may not import lib/slurm/hostlist.ts"],
  [
    "lib/sim/wire/a.ts",
    'import { a } from "../../slurm/hostlist.ts";',
    "may not import lib/slurm/hostlist.ts",
  ],
  ["lib/sim/a.ts", 'import { a } from "../aws/ec2_client.ts";', "may not import the adapter"],
  ["lib/std/log/a.ts", 'import { a } from "../../base/log.ts";', "may not import lib/base/log.ts"],
  ["lib/base/a.ts", 'import { a } from "../../tests/layers.ts";', "may not import tests/layers.ts"],
  [
    "lib/aws/ec2_api.ts",
    'import type { A } from "@aws-sdk/client-ec2";',
    "may not import @aws-sdk/client-ec2",
  ],
  ["commands/a.ts", 'await import("@aws-sdk/client-sts");', "may not import @aws-sdk/client-sts"],
  ["lib/power_up/ec2_client.ts", 'import { A } from "@smithy/types";', "may not import @smithy/types"],
  ["lib/base/a.ts", 'import { a } from "@std/log";', "may not import @std/log"],
  ["lib/base/a.ts", 'import { parseArgs } from "@std/cli/parse-args";', "may not import @std/cli/parse-args"],
  ["lib/base/a.ts", 'import { assert } from "@std/assert";', "may not import @std/assert"],
  ["lib/sim/a.ts", 'import fc from "fast-check";', "may not import fast-check"],
  ["commands/a.ts", "if (true) Deno.exit(1);", "commands/a.ts ends the process"],
  ["lib/base/a.ts", 'Deno["exit"]();', "lib/base/a.ts ends the process"],
  ["lib/base/a.ts", 'import process from "node:process"; process.exit(1);', "lib/base/a.ts ends the process"],
  ["lib/aws/a.ts", "export function slurmName() {}", "exports slurmName: a word of another layer"],
  ["lib/aws/a.ts", "export const HOSTLIST = 1;", "exports HOSTLIST"],
  ["lib/slurm/a.ts", "export interface Ec2Node { a: 1 }", "exports Ec2Node"],
  ["lib/slurm/a.ts", "export class AwsThing {}", "exports AwsThing"],
  ["lib/slurm/a.ts", "export type SsmText = string;", "exports SsmText"],
];

for (const [path, source, says] of BREAKS) {
  Deno.test(`checkLayers() finds: ${path}: ${source}`, () => {
    const problems = check(path, source);
    assertEquals(problems.length, 1, problems.join("\n"));
    assert(problems[0]!.includes(says), problems[0]);
  });
}

const KEEPS: readonly (readonly [path: string, source: string])[] = [
  ["main.ts", 'import { a } from "./commands/registry.ts"; Deno.exit(0);'],
  [
    "mod.ts",
    'export { expandHostlist } from "./lib/slurm/hostlist.ts"; export * from "./lib/config/parse.ts";',
  ],
  ["commands/a.ts", 'import { a } from "../lib/power_up/run.ts"; await import("../lib/aws/ec2_client.ts");'],
  ["commands/a.ts", 'import a from "../deploy/hooks/hook" with { type: "text" };'],
  ["lib/power_up/a.ts", 'import { a } from "./b.ts"; import { c } from "../cluster/group.ts";'],
  [
    "lib/power_up/a.ts",
    'import type { Config } from "../config/model.ts"; import { type A } from "../config/model.ts";',
  ],
  ["lib/slurm/a.ts", 'import type { SlurmSettings } from "../config/model.ts";'],
  ["lib/config/a.ts", 'import { a } from "../slurm/hostlist.ts"; import { b } from "../base/problem.ts";'],
  [
    "lib/sim/wire/a.ts",
    'import { AwsError } from "../../aws/aws_error.ts"; import { a } from "../model.ts";',
  ],
  ["lib/aws/ec2_client.ts", 'import { a } from "@aws-sdk/client-ec2"; import { b } from "./sdk_client.ts";'],
  ["lib/base/file_log.ts", 'import { Logger } from "@std/log";'],
  ["lib/std/log/a.ts", 'import { assert } from "@std/assert"; import { b } from "./b.ts";'],
  ["tests/a_test.ts", 'import fc from "fast-check"; import { a } from "../lib/sim/step.ts"; Deno.exit();'],
  [
    "lib/base/a.ts",
    '// import "../../main.ts"; Deno.exit()\nconst text = `import { a } from "../../main.ts"; Deno.exit()`;',
  ],
  ["lib/slurm/a.ts", "const ec2 = 1; export interface Named { instanceId: string }"],
];

for (const [path, source] of KEEPS) {
  Deno.test(`checkLayers() allows: ${path}: ${source}`, () => assertEquals(check(path, source), []));
}

Deno.test("checkLayers() finds a cycle of imports, types and import() included", () => {
  const cycle = (back: string) =>
    checkLayers([
      readModule("lib/base/a.ts", 'import { b } from "./b.ts";'),
      readModule("lib/base/b.ts", 'import { c } from "./c.ts";'),
      readModule("lib/base/c.ts", back),
    ]);
  for (
    const back of [
      'import { a } from "./a.ts";',
      'import type { A } from "./a.ts";',
      'let a: import("./a.ts").A;',
      'export { a } from "./a.ts";',
      'await import("./a.ts");',
    ]
  ) {
    assertEquals(
      cycle(back),
      ["Import cycle: lib/base/a.ts → lib/base/b.ts → lib/base/c.ts → lib/base/a.ts"],
      back,
    );
  }
  assertEquals(cycle('import { d } from "./d.ts";'), []);
});
