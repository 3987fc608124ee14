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
 * @example Read a configuration, and say what a launch would ask of EC2
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { expandHostlist, offeringsOf, parseConfig, planLaunches, runInstancesInput } from "./mod.ts";
 *
 * const config = parseConfig(`
 * cluster: chip
 * region: us-east-1
 * defaults: { os: { distribution: Rocky, version: "9" } }
 * nodeGroups:
 *   - { name: c7i, nodes: "c7i-[0-9]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }
 * partitions: [{ name: cloud, nodeGroups: [c7i] }]
 * `, "slurm-ec2.yaml");
 * const [group] = config.nodeGroups;
 * const [offering] = offeringsOf(group!);
 * const settings = { imageId: "ami-0123456789abcdef0", securityGroupIds: [] };
 * const nodes = expandHostlist("c7i-[0-3]");
 * const [plan] = planLaunches(config, { group: group!, nodes, offering: offering!, settings, whole: false });
 * const { MinCount, MaxCount, InstanceType } = runInstancesInput(config.cluster, plan!, "a-client-token");
 * assertEquals([MinCount, MaxCount, InstanceType], [1, 4, "c7i.large"]);
 * ```
 *
 * @example Print a configuration's least-privilege policy
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { controllerPolicy, parseConfig } from "./mod.ts";
 *
 * const config = parseConfig(`
 * cluster: chip
 * region: us-east-1
 * defaults: { os: { distribution: Rocky, version: "9" } }
 * nodeGroups:
 *   - { name: c7i, nodes: "c7i-[0-9]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }
 * partitions: [{ name: cloud, nodeGroups: [c7i] }]
 * `, "slurm-ec2.yaml");
 * const policy = controllerPolicy(config, {
 *   scope: { partition: "aws", region: config.region, account: "123456789012" },
 * });
 * assertEquals(policy.Version, "2012-10-17");
 * ```
 *
 * @module
 */
export { countHostlist, expandHostlist, foldHostlist } from "./lib/slurm/hostlist.ts";
export { parseResumeFile, type ResumeFile, type ResumeJob } from "./lib/slurm/resume_file.ts";
export { parseConfig } from "./lib/config/parse.ts";
export type * from "./lib/config/model.ts";
export type { FileRange, Finding, Severity } from "./lib/base/finding.ts";
export { formatProblem, type Problem, ProblemError } from "./lib/base/problem.ts";
export { AwsError } from "./lib/aws/aws_error.ts";
export { type ErrorClass, errorClass } from "./lib/aws/error_codes.ts";
export type * from "./lib/aws/ec2_api.ts";
export type { Instance, InstanceState } from "./lib/aws/instance.ts";
export type { Parameter, SsmApi } from "./lib/aws/ssm_api.ts";
export type { BucketLimits } from "./lib/aws/token_bucket.ts";
export type { NodeAddress, ScontrolApi, UpdatedState } from "./lib/slurm/scontrol_api.ts";
export { ScontrolError } from "./lib/slurm/scontrol_api.ts";
export type { NodeState } from "./lib/slurm/node_state.ts";
export type { JobView } from "./lib/slurm/job_view.ts";
export {
  type LaunchConfig,
  type LaunchPlan,
  type LaunchRequest,
  planLaunches,
} from "./lib/power_up/launch_plan.ts";
export { type Offering, type OfferingGroup, offeringsOf } from "./lib/capacity/offering.ts";
export { runInstancesInput } from "./lib/power_up/run_instances_input.ts";
export type { LaunchSettings } from "./lib/cluster/ssm_parameters.ts";
export { parseDocument, parseText, printFile, type ReadFile } from "./lib/slurm_conf/parse.ts";
export type * from "./lib/slurm_conf/document.ts";
export type * from "./lib/slurm_conf/rule.ts";
export { lint, type LintInput } from "./lib/slurm_conf/lint.ts";
export type * from "./lib/slurm_conf/context.ts";
export type * from "./lib/slurm_conf/versions.ts";
export { RULES } from "./lib/slurm_conf/rules/mod.ts";
export { renderSlurmConf } from "./lib/slurm_conf/render/render.ts";
export type * from "./lib/slurm_conf/render/render_input.ts";
export type * from "./lib/slurm_conf/render/fault.ts";
export type { TopologyConf } from "./lib/slurm_conf/topology_conf.ts";
export type { TopologyYaml, TopologyYamlProblem } from "./lib/slurm_conf/topology_yaml.ts";
export {
  controllerPolicy,
  type ControllerPolicyOptions,
  type PolicyConfig,
} from "./lib/iam/controller_policy.ts";
export type { ArnScope } from "./lib/iam/arn.ts";
export type { Conditions, OneOrMore, PolicyDocument, Statement } from "./lib/iam/policy.ts";
export type { RenderedFile } from "./lib/slurm_conf/render/conf_text.ts";
export type { PriceList } from "./lib/slurm_conf/render/weight.ts";
