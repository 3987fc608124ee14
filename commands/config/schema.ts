import { jsonSchemaText, SCHEMA_FILE } from "../../lib/config/json_schema.ts";
import { defineCommand } from "../base/command.ts";
import type { Flag } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { writeNamed } from "../base/write_named.ts";

const FLAGS = [{
  name: "output",
  value: "FILE",
  summary: "Write it there instead",
}] as const satisfies readonly Flag[];

/** `slurm-ec2 config schema`. */
export const configSchema = defineCommand({
  name: "config schema",
  summary: "Print the JSON Schema of the configuration file, for editors.",
  flags: FLAGS,
  examples: [
    {
      command: `slurm-ec2 config schema --output ${SCHEMA_FILE}`,
      says: "Put it next to slurm-ec2.yaml, whose first line names it",
    },
  ],
  notes: "Editors with a YAML language server check and complete a file that begins with:\n" +
    `  # yaml-language-server: $schema=${SCHEMA_FILE}`,
  permissions: { ...NO_PERMISSIONS, read: ["named"], write: ["named"] },
  run(host, flags) {
    const file = flags.get("output");
    if (file === undefined) host.stdout.write(jsonSchemaText());
    else writeNamed(host, file, jsonSchemaText());
    return Promise.resolve(ExitCode.Done);
  },
});
