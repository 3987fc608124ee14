/**
 * The public library of slurm-ec2: hostlists, configuration, slurm.conf and its linter, launch planning, and
 * the ports through which all of it reaches AWS and Slurm.
 *
 * @example Expand and fold a hostlist
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { expandHostlist, foldHostlist } from "./mod.ts";
 *
 * const names = expandHostlist("r[1-2]n[08-09]");
 * assertEquals(names, ["r1n08", "r1n09", "r2n08", "r2n09"]);
 * assertEquals(foldHostlist(["c1", "c2", "c4"]), "c[1-2,4]");
 * ```
 *
 * @example Lint a slurm.conf
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lint, parseText, RULES } from "./mod.ts";
 *
 * const document = parseText("ClusterName=chip\nSlurmctldParameters=idle_on_node_suspend,,cloud_dns\n");
 * const findings = lint({ document, rules: RULES });
 * assertEquals(findings.some(({ rule }) => rule === "SC025"), true);
 * ```
 *
 * @module
 */
export { countHostlist, expandHostlist, foldHostlist } from "./lib/slurm/hostlist.ts";
export { parseResumeFile, type ResumeFile, type ResumeJob } from "./lib/slurm/resume_file.ts";
export { parseConfig } from "./lib/config/parse.ts";
export type * from "./lib/config/model.ts";
export { formatProblem, type Problem, ProblemError } from "./lib/base/problem.ts";
export { AwsError } from "./lib/aws/aws_error.ts";
export { type ErrorClass, errorClass } from "./lib/aws/error_codes.ts";
export type * from "./lib/aws/ec2_api.ts";
export type { Instance, InstanceState } from "./lib/aws/instance.ts";
export type { Parameter, SsmApi } from "./lib/aws/ssm_api.ts";
export type { NodeAddress, ScontrolApi, UpdatedState } from "./lib/slurm/scontrol_api.ts";
export { ScontrolError } from "./lib/slurm/scontrol_api.ts";
export type { NodeState } from "./lib/slurm/node_state.ts";
export {
  type LaunchConfig,
  type LaunchPlan,
  type LaunchRequest,
  planLaunches,
} from "./lib/power_up/launch_plan.ts";
export { type Offering, offeringsOf } from "./lib/power_up/offering.ts";
export { runInstancesInput } from "./lib/power_up/run_instances_input.ts";
export type { LaunchSettings } from "./lib/cluster/ssm_parameters.ts";
export { parseDocument, parseText, printFile, type ReadFile } from "./lib/slurm_conf/parse.ts";
export type * from "./lib/slurm_conf/document.ts";
export type * from "./lib/slurm_conf/rule.ts";
export { lint, type LintInput } from "./lib/slurm_conf/lint.ts";
export type * from "./lib/slurm_conf/context.ts";
export type * from "./lib/slurm_conf/versions.ts";
export { RULES } from "./lib/slurm_conf/rules/mod.ts";
