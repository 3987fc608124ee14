import { lint } from "../../lib/slurm_conf/lint.ts";
import { parseDocument } from "../../lib/slurm_conf/parse.ts";
import type { LintFinding } from "../../lib/slurm_conf/rule.ts";
import { RULES } from "../../lib/slurm_conf/rules/mod.ts";
import { readTopology, topologyPath } from "../../lib/slurm_conf/topology_conf.ts";
import { readTopologyYaml } from "../../lib/slurm_conf/topology_yaml.ts";
import type { SlurmVersion } from "../e2e/rig.ts";
import { BASE, type ConfFiles } from "./base.ts";

/** What lint says of a configuration that it doesn't say of the base. */
export interface LintAnswer {
  /** Findings of severity error. */
  readonly errors: readonly LintFinding[];
  /** Any. */
  readonly findings: readonly LintFinding[];
}

/** Asks lint about the very files that a daemon is asked about; what it says of `base` is left out. */
export function askLint(version: SlurmVersion, files: ConfFiles, base: ConfFiles = BASE): LintAnswer {
  const known = new Set(base["slurm.conf"] === undefined ? [] : findingsOf(version, base).map(identity));
  const findings = findingsOf(version, files).filter((finding) => !known.has(identity(finding)));
  return { findings, errors: findings.filter(({ severity }) => severity === "error") };
}

function identity({ rule, message }: LintFinding): string {
  return `${rule} ${message}`;
}

function findingsOf(version: SlurmVersion, files: ConfFiles): LintFinding[] {
  const read = (path: string) => {
    const text = path === "/dev/null" ? "" : files[path];
    if (text === undefined) throw new Deno.errors.NotFound(path);
    return new TextEncoder().encode(text.replaceAll("%DIR%", "/dir"));
  };
  const document = parseDocument("slurm.conf", read);
  const gres = files["gres.conf"] === undefined ? {} : { gres: parseDocument("gres.conf", read) };
  const hasPlugin = /^\s*TopologyPlugin=/im.test(files["slurm.conf"]!);
  const topology = hasPlugin ? readTopology(topologyPath("slurm.conf"), read) : undefined;
  const yaml = files["topology.yaml"];
  return lint({
    document,
    ...(yaml === undefined
      ? {}
      : { topologyYaml: readTopologyYaml("topology.yaml", new TextEncoder().encode(yaml)) }),
    ...gres,
    ...(topology === undefined ? {} : { topology }),
    rules: RULES,
    versions: [version],
  });
}
