import * as v from "valibot";
import { didYouMean } from "../../lib/base/did_you_mean.ts";
import { regionRemark } from "../../lib/aws/region_remark.ts";
import { clusterName, osVersion, region, subnetId } from "../../lib/config/field.ts";
import { jsonSchemaText, SCHEMA_FILE } from "../../lib/config/json_schema.ts";
import type { OsDistribution } from "../../lib/config/model.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import { configTemplate, CURRENT_VERSION, type TemplateInput } from "../../lib/config/template.ts";
import { defineCommand, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { writeNamed } from "../base/write_named.ts";

const DISTRIBUTIONS = Object.keys(CURRENT_VERSION) as OsDistribution[];

const FLAGS = [
  { name: "cluster", value: "NAME", summary: "Slurm's ClusterName" },
  { name: "region", value: "REGION", summary: "AWS region, e.g. eu-west-1" },
  {
    name: "subnet",
    value: "ID",
    repeat: true,
    summary: "Subnet for the nodes; repeat for several, in order of preference",
  },
  {
    name: "distribution",
    value: "NAME[:VERSION]",
    suggestions: DISTRIBUTIONS,
    summary: `Linux of the node images: ${DISTRIBUTIONS.join(", ")} (Amazon:2023)`,
  },
  { name: "output", value: "FILE", summary: "File to write (./slurm-ec2.yaml)" },
  { name: "force", summary: "Overwrite the file when it is there already" },
  { name: "dry-run", summary: "Print it, write nothing" },
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 config init`. */
export const configInit = defineCommand({
  name: "config init",
  summary: "Write a commented configuration file to begin with.",
  flags: FLAGS,
  examples: [
    {
      command: "slurm-ec2 config init --cluster eda --region eu-west-1 --subnet subnet-0123456789abcdef0",
      says: "Write ./slurm-ec2.yaml",
    },
    {
      command: "slurm-ec2 config init --cluster eda --region eu-west-1 --subnet subnet-0123456789abcdef0 " +
        "--subnet subnet-0123456789abcdef1 --distribution Rocky:9 --output /etc/slurm-ec2.yaml",
      says: "Two zones, Rocky Linux 9, another place",
    },
  ],
  notes: `Writes ${SCHEMA_FILE} next to it, with which editors check and complete the file.`,
  permissions: { ...NO_PERMISSIONS, read: ["named"], write: ["named"] },
  run: (host, flags) => Promise.resolve(runConfigInit(host, flags)),
});

function runConfigInit(host: Host, flags: Given): ExitCode {
  const text = configTemplate(readInput(flags));
  const file = flags.get("output") ?? "./slurm-ec2.yaml";
  parseConfig(text, file);
  const odd = regionRemark(flags.get("region")!);
  if (odd !== undefined) host.stderr.write(`slurm-ec2: ${odd}\n`);
  if (flags.has("dry-run")) {
    host.stdout.write(text);
    return ExitCode.Done;
  }
  if (!flags.has("force") && host.files.exists(file)) {
    throw new UsageError(
      `${file} exists already: --force overwrites it, --output FILE takes another, --dry-run prints`,
    );
  }
  const schema = `${file.replace(/[^/]*$/, "")}${SCHEMA_FILE}`;
  writeNamed(host, file, text);
  writeNamed(host, schema, jsonSchemaText());
  host.stdout.write(
    `Wrote ${file} and ${schema}\nNext: edit the node groups, then slurm-ec2 config check --config ${file}\n`,
  );
  return ExitCode.Done;
}

function readInput(flags: Given): TemplateInput {
  const missing = (["cluster", "region", "subnet"] as const).filter((name) => flags.get(name) === undefined);
  if (missing.length > 0) {
    throw new UsageError(
      `config init needs ${
        missing.map((name) => `--${name}`).join(" and ")
      }: slurm-ec2 config init --help shows an example`,
    );
  }
  return {
    cluster: readFlag("cluster", clusterName, flags.get("cluster")!),
    region: readFlag("region", region, flags.get("region")!),
    subnets: [...new Set(flags.all("subnet"))].map((subnet) => readFlag("subnet", subnetId, subnet)),
    ...readDistribution(flags.get("distribution") ?? "Amazon"),
  };
}

/** Flags are checked as the keys of the file are that they become. */
function readFlag(name: string, schema: v.GenericSchema<string, string>, given: string): string {
  const result = v.safeParse(schema, given, { abortPipeEarly: true });
  if (result.success) return result.output;
  throw new UsageError(`Flag --${name} must be ${result.issues[0].message}, got "${given}"`);
}

function readDistribution(given: string): Pick<TemplateInput, "distribution" | "version"> {
  const [name = "", version] = given.split(":", 2);
  const distribution = DISTRIBUTIONS.find((known) => known.toLowerCase() === name.toLowerCase());
  if (!distribution) {
    const guess = didYouMean(name, DISTRIBUTIONS);
    const hint = guess === undefined ? "" : ` (did you mean ${guess}?)`;
    throw new UsageError(
      `Flag --distribution must be one of ${DISTRIBUTIONS.join(", ")}, got "${name}"${hint}`,
    );
  }
  if (version === undefined) return { distribution, version: CURRENT_VERSION[distribution] };
  return { distribution, version: readFlag("distribution", osVersion, version) };
}
