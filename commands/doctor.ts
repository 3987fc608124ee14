import { errorText } from "../lib/base/error_text.ts";
import { didYouMean } from "../lib/base/did_you_mean.ts";
import { countStatuses, type Finding, isFound } from "../lib/preflight/finding.ts";
import { findingsText } from "../lib/preflight/report.ts";
import { type Command, CONFIG_FLAG, type Flags, JSON_FLAG, UsageError } from "./command.ts";
import { ACCOUNT_SECTIONS } from "./doctor_account.ts";
import type { DoctorSection, Examination, Where } from "./doctor_section.ts";
import { SITE_SECTIONS } from "./doctor_site.ts";
import { ExitCode } from "./exit_code.ts";
import { loadConfigFile } from "./load_config.ts";
import { NO_PERMISSIONS } from "./permissions.ts";
import { progressBar } from "./progress.ts";

/** Every section, in the order in which a site is built. */
export const SECTIONS: readonly DoctorSection[] = [...ACCOUNT_SECTIONS, ...SITE_SECTIONS];

/** `slurm-ec2 doctor`. */
export const doctor: Command = {
  name: "doctor",
  summary: "Check everything that the set-up guide asks for, from the controller or from a node.",
  flags: [
    CONFIG_FLAG,
    JSON_FLAG,
    { name: "node", summary: "This machine is a node: check what a node needs" },
    { name: "only", value: "SECTION", repeat: true, summary: "These sections only, e.g. dns" },
  ],
  examples: [
    { command: "slurm-ec2 doctor", says: "On the controller, as the user that slurmctld runs as" },
    { command: "slurm-ec2 doctor --node --only dns", says: "On a node: does it find the site's names?" },
  ],
  notes: "Results: pass, info (a remark), warn, fail, can't tell (not known here, or nobody may say).",
  permissions: { ...NO_PERMISSIONS, net: ["ec2", "ssm", "sts", "imds"], read: ["config", "aws"], env: true },
  async run(host, flags) {
    if (flags.positional.length > 0) throw new UsageError("doctor takes no arguments, only flags");
    const where: Where = flags.has("node") ? "node" : "controller";
    const sections = chosenSections(flags, where);
    const { config, file } = loadConfigFile(host, flags);
    const findings = await examineAll(sections, { host, flags, config, configFile: file, where });
    const report = { cluster: config.cluster, region: config.region, where, counts: countStatuses(findings) };
    host.stdout.write(
      flags.has("json") ? `${JSON.stringify({ ...report, findings }, null, 2)}\n` : findingsText(findings),
    );
    return findings.some(isFound) ? ExitCode.Partly : ExitCode.Done;
  },
};

function chosenSections(flags: Flags, where: Where): readonly DoctorSection[] {
  const wanted = flags.all("only");
  const names = SECTIONS.map(({ name }) => name);
  for (const name of wanted) {
    if (names.includes(name)) continue;
    const guess = didYouMean(name, names);
    throw new UsageError(
      `Unknown section: --only ${name}${
        guess ? ` (did you mean ${guess}?)` : `; one of ${names.join(", ")}`
      }`,
    );
  }
  return SECTIONS.filter((section) =>
    section.where.includes(where) && (wanted.length === 0 || wanted.includes(section.name))
  );
}

async function examineAll(
  sections: readonly DoctorSection[],
  examination: Examination,
): Promise<readonly Finding[]> {
  const { stderr } = examination.host;
  const bar = progressBar(stderr, { label: "examining", total: sections.length });
  const findings: Finding[] = [];
  for (const [done, section] of sections.entries()) {
    bar.update(done);
    findings.push(...await examined(section, examination));
  }
  bar.stop();
  return findings;
}

/** A fault of ours in one section hides no other. */
async function examined(section: DoctorSection, examination: Examination): Promise<readonly Finding[]> {
  try {
    return await section.examine(examination);
  } catch (error) {
    const evidence = `the check itself failed: ${errorText(error)}`;
    return [{ check: section.name, status: "can't tell", what: section.name, evidence, code: "Internal" }];
  }
}
