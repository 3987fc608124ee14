import { jsonSchemaText, SCHEMA_FILE } from "../../lib/config/json_schema.ts";
import { type Command, UsageError } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { writeNamed } from "../base/write_named.ts";

/** `slurm-ec2 config schema`. */
export const configSchema: Command = {
  name: "config schema",
  summary: "Print the JSON Schema of the configuration file, for editors.",
  flags: [{ name: "output", value: "FILE", summary: "Write it there instead" }],
  examples: [
    {
      command: `slurm-ec2 config schema --output ${SCHEMA_FILE}`,
      says: "Put it beside slurm-ec2.yaml, whose first line names it",
    },
  ],
  notes: "Editors with a YAML language server check and complete a file that begins with:\n" +
    `  # yaml-language-server: $schema=${SCHEMA_FILE}`,
  permissions: { ...NO_PERMISSIONS, read: ["named"], write: ["named"] },
  run(host, flags) {
    if (flags.positional.length > 0) {
      throw new UsageError(`config schema takes no arguments, got "${flags.positional.join(" ")}"`);
    }
    const file = flags.get("output");
    if (file === undefined) host.stdout.write(jsonSchemaText());
    else writeNamed(host, file, jsonSchemaText());
    return Promise.resolve(ExitCode.Done);
  },
};
