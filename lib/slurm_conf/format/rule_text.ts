import type { DaemonEffect, Rule } from "../rule.ts";
import { describeVersions, versionsIn } from "../versions.ts";

const DAEMON: Readonly<Record<DaemonEffect, string>> = {
  refuses: "slurmctld refuses to start",
  logs: "slurmctld logs an error and goes on",
  silent: "slurmctld says nothing",
};

/** Everything there is to know of a rule: what `--explain` prints. */
export function explainRule(rule: Rule): string {
  return [
    `${rule.id}: ${rule.title}`,
    `Severity: ${rule.severity}. ${capital(describeVersions(versionsIn(rule.versions)))}. ${
      DAEMON[rule.daemon]
    }.`,
    "",
    rule.what,
    "",
    `Why: ${rule.why}`,
    "",
    `Remedy: ${rule.remedy}`,
    "",
    `Suppress it on a line: # slurm-ec2: ignore ${rule.id} reason`,
    ...(rule.sources.length === 0 ? [] : ["", "Sources:", ...rule.sources.map((source) => `  ${source}`)]),
    "",
  ].join("\n");
}

/** All rules, one a line: what `--rules` prints. */
export function listRules(rules: readonly Rule[]): string {
  const rows = rules.map((
    rule,
  ) => [rule.id, rule.severity, describeVersions(versionsIn(rule.versions)), rule.title]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}\n`).join("");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
