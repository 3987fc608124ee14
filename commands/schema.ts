import { systemWords } from "../lib/base/read_failure.ts";
import { CommandError, defineCommand, UsageError } from "./base/command.ts";
import type { Flag, Flags } from "./base/flag.ts";
import { ExitCode } from "./base/exit_code.ts";
import type { Host } from "./base/host.ts";
import { NO_PERMISSIONS } from "./base/permissions.ts";
import { writeNamed } from "./base/write_named.ts";
import { OUTPUTS, schemaFile } from "./outputs/mod.ts";
import { jsonSchemaText } from "./outputs/output.ts";

const FLAGS = [{
  name: "out",
  value: "DIR",
  summary: "Write all of them there, one file each",
}] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 schema`. */
export const schema = defineCommand({
  name: "schema",
  summary: "Print the JSON Schema of what a command prints with --json, or list them.",
  arguments: "[COMMAND…]",
  argumentValues: Object.keys(OUTPUTS),
  argumentHint: "slurm-ec2 schema lists them",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 schema", says: "Which are there?" },
    { command: "slurm-ec2 schema ssm validate", says: "What does ssm validate --json print?" },
    { command: "slurm-ec2 schema event > event.json", says: "What is a line of stateDir/events.jsonl?" },
  ],
  notes:
    "A schema's id ends in its version: it is raised when something changes its meaning or goes away. Properties, " +
    "and values of enumerations, are added without: ignore what you don't know.",
  permissions: { ...NO_PERMISSIONS, read: ["named"], write: ["named"], onlyWith: { write: "out" } },
  run: (host, flags) => Promise.resolve(runSchema(host, flags)),
});

function runSchema(host: Host, flags: Given): ExitCode {
  const name = flags.positional.join(" ");
  const directory = flags.get("out");
  if (directory !== undefined) {
    if (name !== "") throw new UsageError("Flag --out writes all schemas: leave the command out");
    return writeAll(host, directory.replace(/(?<=.)\/+$/, ""));
  }
  host.stdout.write(name === "" ? list() : jsonSchemaText(name, OUTPUTS[name]!));
  return ExitCode.Done;
}

function list(): string {
  const width = Math.max(...Object.keys(OUTPUTS).map((name) => name.length));
  return Object.entries(OUTPUTS).map(([name, { version, description }]) =>
    `${name.padEnd(width)}  ${version}  ${description}\n`
  ).join("");
}

function writeAll(host: Host, directory: string): ExitCode {
  try {
    host.files.mkdir(directory, 0o755);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
    throw new CommandError(
      `Can't make ${directory}: ${systemWords(error)}; name another place with --out DIR`,
    );
  }
  for (const [name, output] of Object.entries(OUTPUTS)) {
    writeNamed(host, `${directory}/${schemaFile(name)}`, jsonSchemaText(name, output));
  }
  host.stdout.write(`Wrote ${Object.keys(OUTPUTS).length} schemas to ${directory}\n`);
  return ExitCode.Done;
}
