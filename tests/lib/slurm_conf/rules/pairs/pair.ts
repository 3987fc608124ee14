import type { Severity } from "../../../../../lib/base/finding.ts";
import type { DaemonEffect } from "../../../../../lib/slurm_conf/rule.ts";
import type { SlurmVersion } from "../../../../../lib/slurm_conf/versions.ts";

/** A configuration that draws a rule's finding and one next to it that doesn't. */
export interface Pair {
  readonly id: string;
  /** slurm.conf with a `«` where the finding must point. */
  readonly bad: string;
  /** Part of the finding's message. */
  readonly says: string;
  /** slurm.conf that doesn't draw it, on `on`. */
  readonly good: string;
  /** Other files by path, for both. */
  readonly files?: Readonly<Record<string, string>>;
  /** gres.conf for both, unless `goodGres` is for the good half. */
  readonly gres?: string;
  readonly goodGres?: string;
  /** topology.conf for both, unless `goodTopology` is for the good half. */
  readonly topology?: string;
  readonly goodTopology?: string;
  /** topology.yaml for both, unless `goodTopologyYaml` is for the good half. */
  readonly topologyYaml?: string;
  readonly goodTopologyYaml?: string;
  /** The release that `says`, `severity`, `daemon` and `good` are about; the last of `fires` when absent. */
  readonly on?: SlurmVersion;
  /** First and last release on which `bad` draws a finding that says so; all when absent. */
  readonly fires?: readonly [SlurmVersion, SlurmVersion];
  /** Where it differs from the rule's own. */
  readonly severity?: Severity;
  readonly daemon?: DaemonEffect;
}

/** In place of a file's text: a directory is there. */
export const DIRECTORY = "\0directory";

/** What makes a slurm.conf whole. */
export const WHOLE = `ClusterName=x
SlurmctldHost=ctl
`;

/** A whole slurm.conf with four CLOUD nodes and nothing about power saving. */
export const CLOUD = `${WHOLE}NodeName=c[0-3] State=CLOUD
PartitionName=cloud Nodes=c[0-3] Default=YES
`;

/** The same with power saving on. */
export const POWER = `${CLOUD}ResumeProgram=/a/resume
SuspendProgram=/a/suspend
SuspendTime=300
`;
