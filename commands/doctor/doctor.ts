import { errorText } from "../../lib/base/error_text.ts";
import { type CheckResult, countStatuses, isFound } from "../../lib/preflight/check_result.ts";
import { resultsGithub, type SectionFindings, sectionsText } from "../../lib/preflight/report.ts";
import { type Command, CommandError, CONFIG_FLAG, defineCommand, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { ACCOUNT_SECTIONS } from "./account.ts";
import { SECTIONS_MS } from "./aws.ts";
import { printCredential } from "./credential.ts";
import { machineFacts } from "./facts.ts";
import { SECTION_FLAGS } from "./flags.ts";
import { launchCount, launchGroup } from "./launch.ts";
import { viewMachine } from "./machine.ts";
import type { DoctorSection, Examination, Where } from "./section.ts";
import { SITE_SECTIONS } from "./site.ts";
import { checkSiteFlags } from "./site_flags.ts";
import { ExitCode } from "../base/exit_code.ts";
import { loadConfigFile } from "../base/load_config.ts";
import { painter } from "../base/painter.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { progressBar } from "../base/progress.ts";
import { formatFlags, FORMATS, readFormat } from "../base/findings_format.ts";
import { readSlurm } from "../base/slurm_flags.ts";
import { tableColumns } from "../base/table_columns.ts";

/** Every section, in the order in which a site is built. */
export const SECTIONS: readonly DoctorSection[] = [...ACCOUNT_SECTIONS, ...SITE_SECTIONS];

const FLAGS = [
  CONFIG_FLAG,
  ...formatFlags(FORMATS),
  { name: "node", summary: "This machine is a node: check what a node needs" },
  {
    name: "only",
    value: "SECTION",
    values: SECTIONS.map(({ name }) => name),
    repeat: true,
    summary: "These sections only, e.g. dns",
  },
  ...SECTION_FLAGS,
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 doctor`. */
export const doctor: Command = defineCommand({
  name: "doctor",
  summary: "Check everything that the set-up guide asks for, from the controller or from a node.",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 doctor", says: "On the controller, as the user that slurmctld runs as" },
    {
      command: "slurm-ec2 doctor --launch 2",
      says: "Once, before the first job: does EC2 do what node names rest on?",
    },
    { command: "slurm-ec2 doctor --node --only dns", says: "On a node: does it find the site's names?" },
    {
      command: "slurm-ec2 doctor --node --against controller.json",
      says: "Is it like the controller, where slurm-ec2 doctor --json >controller.json was run?",
    },
  ],
  notes: `Sections: ${SECTIONS.map(({ name }) => name).join(", ")}.\n` +
    "Results: pass, info (a remark), warn, fail, can't tell (not known here, or an answer was refused).\n" +
    "Reads only: AWS is asked by dry runs. --launch N alone launches, and ends, instances; it examines nothing else " +
    "unless --only says so, asks first and names the cost.",
  exits: {
    [ExitCode.Done]: "nothing to act on",
    [ExitCode.Partly]: "something was found, or an answer was refused",
  },
  permissions: {
    ...NO_PERMISSIONS,
    net: ["ec2", "ssm", "sts", "pricing", "quotas", "imds", "site"],
    run: ["scontrol", "tools"],
    read: ["config", "aws", "named", "slurm", "users"],
    env: true,
  },
  async run(host, flags) {
    const format = readFormat(flags);
    readSlurm(flags);
    const where: Where = flags.has("node") ? "node" : "controller";
    const sections = chosenSections(flags, where);
    checkSiteFlags(host, flags);
    const { config, file } = loadConfigFile(host, flags);
    if (launchCount(flags) !== undefined) launchGroup(config, flags);
    let view: ReturnType<typeof viewMachine> | undefined;
    const examination: Examination = {
      ...{ host, flags, config, configFile: file, where },
      until: host.now() + SECTIONS_MS,
      services: new Map(),
      viewMachine: () => view ??= viewMachine({ host, flags, config }),
    };
    if (flags.has("credential")) return await printCredential(examination);
    const results = await examineAll(sections, examination, { quiet: format !== "text" });
    const report = { cluster: config.cluster, region: config.region, where };
    const facts = format === "json" ? await machineFacts(examination, sections) : {};
    host.stdout.write(
      format === "text"
        ? sectionsText(results, await painter(host, host.stdout), tableColumns(host.stdout))
        : print(report, results, { format, facts }),
    );
    return results.some(({ findings }) => findings.some(isFound)) ? ExitCode.Partly : ExitCode.Done;
  },
});

function print(
  report: Readonly<Record<"cluster" | "region" | "where", string>>,
  results: readonly SectionFindings[],
  { format, facts }: { readonly format: "json" | "github"; readonly facts: object },
): string {
  const findings = results.flatMap(({ name, findings }) =>
    findings.map(({ check, status, what, evidence, fix, code }) => ({
      section: name,
      check,
      status,
      what,
      evidence,
      fix,
      code,
    }))
  );
  if (format === "github") return resultsGithub(findings, "doctor");
  return `${JSON.stringify({ ...report, counts: countStatuses(findings), findings, ...facts }, null, 2)}\n`;
}

function chosenSections(flags: Given, where: Where): readonly DoctorSection[] {
  const wanted = [...flags.all("only")];
  if (launchCount(flags) !== undefined) {
    if (where === "node") {
      throw new UsageError("--launch and --node exclude each other: launch from the controller");
    }
    // A launch costs money and minutes: who asks for it wants to see that, and not the rest again.
    if (!wanted.includes("launch")) wanted.push("launch");
  }
  return SECTIONS.filter((section) =>
    section.where.includes(where) && (wanted.length === 0 || wanted.includes(section.name))
  );
}

/** Examines all sections next to each other; a launch comes after the others, since it asks a person and takes minutes. */
async function examineAll(
  sections: readonly DoctorSection[],
  examination: Examination,
  options: { readonly quiet: boolean },
): Promise<readonly SectionFindings[]> {
  const { host, flags } = examination;
  const launches = launchCount(flags) !== undefined;
  const quiet = options.quiet || launches;
  const bar = progressBar(host.stderr, { label: "examining", total: sections.length, quiet });
  let done = 0;
  const results = new Map<DoctorSection, readonly CheckResult[]>();
  const examine = async (section: DoctorSection, until: number) => {
    results.set(section, await examined(section, { ...examination, until }));
    bar.update(++done);
  };
  const [last, first] = [true, false].map((isLast) =>
    sections.filter(({ name }) => (launches && name === "launch") === isLast)
  );
  try {
    const settled = await Promise.allSettled(first!.map((section) => examine(section, examination.until)));
    for (const one of settled) if (one.status === "rejected") throw one.reason;
    for (const section of last!) await examine(section, host.now() + SECTIONS_MS);
  } finally {
    bar.stop();
  }
  return sections.map((section) => ({
    name: section.name,
    summary: section.summary,
    findings: results.get(section)!,
  }));
}

/** A fault of ours in one section hides no other. */
async function examined(section: DoctorSection, examination: Examination): Promise<readonly CheckResult[]> {
  try {
    return await section.examine(examination);
  } catch (error) {
    if (error instanceof CommandError || error instanceof UsageError) throw error;
    const evidence = `the check itself failed: ${errorText(error)}`;
    return [{ check: section.name, status: "can't tell", what: section.name, evidence, code: "Internal" }];
  }
}
