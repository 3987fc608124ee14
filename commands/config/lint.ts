import { VERSION } from "../../lib/base/version.ts";
import { formatGithub } from "../../lib/slurm_conf/format/github.ts";
import { formatJson } from "../../lib/slurm_conf/format/json.ts";
import { explainRule, listRules } from "../../lib/slurm_conf/format/rule_text.ts";
import { formatSarif } from "../../lib/slurm_conf/format/sarif.ts";
import { formatText } from "../../lib/slurm_conf/format/text.ts";
import { SUPPRESSION_RULES } from "../../lib/slurm_conf/lint.ts";
import { fixFiles, isOtherConf, lintFiles, type LintFilesInput } from "../../lib/slurm_conf/lint_files.ts";
import { readFailure, systemWords } from "../../lib/base/read_failure.ts";
import type { LintFinding, Rule } from "../../lib/slurm_conf/rule.ts";
import { topologyYamlPath } from "../../lib/slurm_conf/topology_conf.ts";
import type { TopologyYaml } from "../../lib/slurm_conf/topology_yaml.ts";
import { RULES } from "../../lib/slurm_conf/rules/mod.ts";
import { parseVersion, type SlurmVersion, SUPPORTED_VERSIONS } from "../../lib/slurm_conf/versions.ts";
import { CommandError, CONFIG_FLAG, defineCommand, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import { formatFlags, readFormat } from "../base/findings_format.ts";
import type { Host } from "../base/host.ts";
import { painter } from "../base/painter.ts";
import type { Progress } from "../base/progress.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";

const FORMATS = ["text", "json", "sarif", "github"] as const;
type Format = typeof FORMATS[number];

/** Every rule that can be explained, by id. */
const ALL_RULES: readonly Rule[] = [...RULES, ...SUPPRESSION_RULES].sort((a, b) => a.id < b.id ? -1 : 1);

/** What the flags ask for. */
interface Options {
  readonly paths: readonly string[];
  readonly format: Format;
  readonly fix: boolean;
  readonly dryRun: boolean;
  readonly versions: readonly SlurmVersion[];
}

const FLAGS = [
  {
    name: "slurm-version",
    value: "VERSION",
    repeat: true,
    suggestions: SUPPORTED_VERSIONS,
    summary: "Release to check for, e.g. 24.05 (else slurm.version of --config, else every supported one)",
  },
  {
    ...CONFIG_FLAG,
    summary: "Configuration file of slurm-ec2, for its slurm.version; read only when named",
  },
  ...formatFlags(FORMATS),
  { name: "fix", summary: "Make the safe edits, show them as a diff, keep the previous files as .bak" },
  { name: "dry-run", summary: "With --fix: show the diff, write nothing" },
  {
    name: "explain",
    value: "RULE",
    values: ALL_RULES.map(({ id }) => id),
    listedBy: "slurm-ec2 config lint --rules",
    summary: "Say what a rule looks for, why, and where that is written",
  },
  { name: "rules", summary: "List all rules" },
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 config lint`. */
export const configLint = defineCommand({
  name: "config lint",
  summary: "Check slurm.conf and gres.conf for what breaks power saving, by Slurm version.",
  arguments: "FILE…",
  flags: FLAGS,
  examples: [
    {
      command: "slurm-ec2 config lint /etc/slurm/slurm.conf",
      says: "Check a configuration and all it includes",
    },
    {
      command: "slurm-ec2 config lint --slurm-version 24.05 slurm.conf gres.conf",
      says: "For one release, with gres.conf",
    },
    { command: "slurm-ec2 config lint --fix --dry-run slurm.conf", says: "What would --fix change?" },
    { command: "slurm-ec2 config lint --explain PS006", says: "What is that rule about?" },
  ],
  notes:
    "A comment behind a setting, or on a line of its own above it, suppresses findings: # slurm-ec2: ignore PS013 reason\n" +
    "--fix makes only edits that are right for every release checked for: name yours with --slurm-version.",
  exits: {
    [ExitCode.Done]: "nothing found, or remarks of severity info only",
    [ExitCode.Partly]: "findings of severity error or warning",
  },
  permissions: { ...NO_PERMISSIONS, read: ["named", "config"], write: ["named"], onlyWith: { write: "fix" } },
  async run(host, flags) {
    const explained = ALL_RULES.find(({ id }) => id === flags.choice.explain);
    if (explained !== undefined) return tell(host, explainRule(explained));
    if (flags.has("rules")) return tell(host, listRules(ALL_RULES));
    return await check(host, await readOptions(host, flags));
  },
});

function tell(host: Host, text: string): ExitCode {
  host.stdout.write(text);
  return ExitCode.Done;
}

async function readOptions(host: Host, flags: Given): Promise<Options> {
  if (flags.positional.length === 0) {
    throw new UsageError("config lint needs a file: slurm-ec2 config lint FILE…");
  }
  const other = flags.positional.find(isOtherConf);
  if (other !== undefined) throw new UsageError(`config lint checks slurm.conf and gres.conf, not ${other}`);
  if (flags.has("dry-run") && !flags.has("fix")) {
    throw new UsageError("--dry-run goes with --fix: nothing else writes");
  }
  return {
    paths: flags.positional,
    format: readFormat(flags),
    fix: flags.has("fix"),
    dryRun: flags.has("dry-run"),
    versions: await readVersions(host, flags),
  };
}

async function readVersions(host: Host, flags: Given): Promise<readonly SlurmVersion[]> {
  const given = flags.all("slurm-version").flatMap((text) => text.split(","));
  if (given.length > 0) return SUPPORTED_VERSIONS.filter((version) => given.map(toVersion).includes(version));
  if (flags.get("config") === undefined) return SUPPORTED_VERSIONS;
  // Lazily, because YAML and the schema take longer to load than all of a lint.
  const { loadConfig } = await import("../base/load_config.ts");
  const { version } = loadConfig(host, flags).slurm;
  return version === undefined ? SUPPORTED_VERSIONS : [toVersion(version)];
}

function toVersion(text: string): SlurmVersion {
  const version = parseVersion(text);
  if (version === undefined) {
    throw new UsageError(
      `Unknown Slurm version: ${JSON.stringify(text)}; one of ${SUPPORTED_VERSIONS.join(", ")}`,
    );
  }
  return version;
}

async function check(host: Host, options: Options): Promise<ExitCode> {
  const bar = await filesBar(host, options);
  const topologyYaml = await besideFirst(host, options.paths);
  let read = 0;
  const input: LintFilesInput = {
    paths: options.paths,
    read: (path) => {
      bar?.update(Math.min(++read, options.paths.length));
      return host.files.read(path);
    },
    rules: RULES,
    versions: options.versions,
    ...(topologyYaml === undefined ? {} : { topologyYaml }),
  };
  let findings: readonly LintFinding[];
  try {
    findings = named(options.paths, () => options.fix ? undefined : lintFiles(input)) ??
      await fix(host, options, input);
  } finally {
    bar?.stop();
  }
  host.stdout.write(await print(host, options.format, findings));
  return findings.some(({ severity }) => severity !== "info") ? ExitCode.Partly : ExitCode.Done;
}

/** The topology.yaml next to the first file; the YAML parser is loaded only where there is one. */
async function besideFirst(host: Host, [first]: readonly string[]): Promise<TopologyYaml | undefined> {
  const path = topologyYamlPath(first ?? "");
  let bytes: Uint8Array;
  try {
    bytes = host.files.read(path);
  } catch (error) {
    if (error instanceof Error && (UNREADABLE.has(error.name) || error.name === "NotCapable")) {
      return undefined;
    }
    throw error;
  }
  const { readTopologyYaml } = await import("../../lib/slurm_conf/topology_yaml.ts");
  return readTopologyYaml(path, bytes);
}

/** Files from which on somebody who watches may wonder; a configuration and its parts take no time. */
const MANY_FILES = 20;

/** A bar for many files at a terminal, ready to be drawn: linting never lets go of the thread. */
async function filesBar(
  host: Host,
  { paths, format, fix }: Options,
): Promise<Progress | undefined> {
  if (paths.length < MANY_FILES || fix || !host.stderr.isTerminal || format !== "text") return undefined;
  const { progressBar } = await import("../base/progress.ts");
  const bar = progressBar(host.stderr, { label: "reading", total: paths.length });
  await bar.ready;
  return bar;
}

/** Only a file that the user named can fail to be read here: included ones become findings. */
function named<T>(paths: readonly string[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || !UNREADABLE.has(error.name)) throw error;
    throw new UsageError(
      `Can't read ${paths.length === 1 ? paths[0] : "a file given"}: ${readFailure(error)}`,
    );
  }
}

const UNREADABLE: ReadonlySet<string> = new Set([
  "NotFound",
  "PermissionDenied",
  "IsADirectory",
  "NotADirectory",
]);

async function fix(host: Host, options: Options, input: LintFilesInput): Promise<readonly LintFinding[]> {
  const { changes, remaining } = named(options.paths, () => fixFiles(input));
  const { createTwoFilesPatch } = await import("diff");
  const output = options.format === "text" ? host.stdout : host.stderr;
  // Before anything is written: all files or none.
  const foreign = changes.find(({ file }) => file.encoding !== "utf-8")?.file;
  if (foreign !== undefined) {
    throw new CommandError(
      `Can't fix ${foreign.path}: it is not UTF-8; convert it first, e.g. iconv -f latin1 -t utf-8`,
    );
  }
  for (const { file, text } of changes) {
    output.write(
      createTwoFilesPatch(file.path, file.path, file.text, text, "", "fixed").replace(/^=+\n/, ""),
    );
    if (options.dryRun) continue;
    try {
      host.files.writeText(`${file.path}.bak`, file.text, { modeOf: file.path });
      host.files.writeText(file.path, text);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
      throw new CommandError(`Can't write ${file.path}: ${systemWords(error)}; it is unchanged`);
    }
  }
  const verb = options.dryRun
    ? "would be changed"
    : changes.length === 0
    ? "changed"
    : "changed, previous in .bak";
  if (options.format === "text") {
    output.write(`${changes.length} ${changes.length === 1 ? "file" : "files"} ${verb}\n\n`);
  }
  return remaining;
}

async function print(host: Host, format: Format, findings: readonly LintFinding[]): Promise<string> {
  switch (format) {
    case "json":
      return formatJson(findings);
    case "sarif":
      return formatSarif(findings, ALL_RULES, VERSION);
    case "github":
      return formatGithub(findings);
    case "text": {
      const { isTerminal, columns } = host.stdout;
      return formatText(findings, {
        paint: await painter(host, host.stdout),
        columns: isTerminal ? columns : 120,
      });
    }
  }
}
