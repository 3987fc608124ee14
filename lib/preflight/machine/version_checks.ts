import { releaseOf } from "../../slurm/daemon_settings.ts";
import { foldHostlist } from "../../slurm/hostlist.ts";
import type { NodeDetails } from "../../slurm/node_details.ts";
import type { CheckResult } from "../check_result.ts";
import { found } from "./unanswered.ts";

/** Versions of Slurm's parts, as far as they are known here. */
export interface VersionFacts {
  /** SLURM_VERSION of `scontrol show config`, or of the controller's own `doctor --json`. */
  readonly slurmctld?: string;
  /** What `slurmd -V` says here. */
  readonly slurmd?: string;
  /** What this image was made for. */
  readonly image?: string;
  /** slurm.version of slurm-ec2.yaml. */
  readonly configured?: string;
  /** Nodes that have registered. */
  readonly nodes: readonly NodeDetails[];
  /** Major releases, oldest first. */
  readonly releases: readonly string[];
}

/** The first release that speaks with three older ones instead of two: https://slurm.schedmd.com/upgrades.html#compatibility_window */
const THREE_BACK_SINCE = "24.11";

/** Do slurmctld, slurmd and the configuration fit together? */
export function checkVersions(facts: VersionFacts): CheckResult[] {
  const { slurmctld, slurmd, image, configured, nodes } = facts;
  const about = (what: string) => ({ check: "slurm", what });
  if (slurmctld === undefined) return [];
  const release = releaseOf(slurmctld);
  const findings: CheckResult[] = [
    configured === undefined || configured === release
      ? found(about("slurmctld"), "pass", `version ${slurmctld}`)
      : found(
        about("slurmctld"),
        "warn",
        `version ${slurmctld}, where slurm-ec2.yaml says ${configured}`,
        `slurm.version: "${release}" in slurm-ec2.yaml, then slurm-ec2 config render`,
      ),
  ];
  if (slurmd !== undefined) findings.push(checkSlurmd(about("slurmd"), slurmd, facts));
  if (image !== undefined) findings.push(checkSlurmd(about("image"), image, facts));
  const byVersion = Map.groupBy(nodes.filter(({ version }) => version), ({ version }) => version!);
  for (const [version, its] of byVersion) {
    findings.push(
      checkSlurmd(about(`slurmd of ${foldHostlist(its.map(({ name }) => name))}`), version, facts),
    );
  }
  return findings;
}

function checkSlurmd(
  about: { readonly check: string; readonly what: string },
  version: string,
  { slurmctld = "", releases }: VersionFacts,
): CheckResult {
  const [its, controllers] = [releaseOf(version), releaseOf(slurmctld)];
  const [older, newer] = [releases.indexOf(its ?? ""), releases.indexOf(controllers ?? "")];
  const text = version.replace(/^slurm(?:-wlm)? /, "");
  if (its === controllers) return found(about, "pass", `version ${text}`);
  if (older < 0 || newer < 0) {
    return found(
      about,
      "can't tell",
      `version ${text} with slurmctld ${slurmctld}: not both are known here`,
    );
  }
  const back = controllers! >= THREE_BACK_SINCE ? 3 : 2;
  const fix =
    `make the image again with Slurm ${controllers} (provision install --slurm-version ${controllers}), then put its id: slurm-ec2 ssm put`;
  if (older > newer) {
    return found(
      about,
      "fail",
      `version ${text} is newer than slurmctld ${slurmctld}, which does not understand it`,
      fix,
    );
  }
  return newer - older > back
    ? found(
      about,
      "fail",
      `version ${text}: slurmctld ${slurmctld} speaks with ${back} releases before its own only`,
      fix,
    )
    : found(about, "info", `version ${text}, which slurmctld ${slurmctld} still speaks with`);
}
