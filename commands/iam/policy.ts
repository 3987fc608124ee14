import { stringify } from "yaml";
import { partitionOf } from "../../lib/aws/partition.ts";
import { CLOUDFORMATION_SCOPE, cloudformationTemplate } from "../../lib/iam/cloudformation.ts";
import { controllerPolicy, nodeRoles } from "../../lib/iam/controller_policy.ts";
import { configuredMungeKeys } from "../../lib/iam/munge_keys.ts";
import { nodePolicy } from "../../lib/iam/node_policy.ts";
import {
  ATTACHED_POLICIES_MAX,
  POLICY_LIMITS,
  type PolicyDocument,
  policySize,
  splitPolicy,
} from "../../lib/iam/policy.ts";
import type { Config } from "../../lib/config/model.ts";
import { CommandError, CONFIG_FLAG, defineCommand, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";

const SUBJECTS = ["controller", "node"] as const;
const FORMATS = ["json", "cloudformation"] as const;

/** What the flags ask for. */
interface Options {
  readonly subject: typeof SUBJECTS[number];
  readonly format: typeof FORMATS[number];
  /** Twelve digits, or `*`. */
  readonly account: string;
  readonly nodeRole: string | undefined;
  readonly mungeKey: string | undefined;
  readonly kmsKeys: readonly string[];
  readonly withPut: boolean;
  readonly fromPrefixes: readonly string[];
  readonly split: boolean;
}

const FLAGS = [
  CONFIG_FLAG,
  { name: "for", value: "WHO", values: SUBJECTS, summary: "controller (default) or node" },
  {
    name: "format",
    value: "FORMAT",
    values: FORMATS,
    summary: "json (default), or cloudformation: a template of managed policies",
  },
  { name: "account", value: "ID", summary: "With json: the account's number in the ARNs (else *)" },
  {
    name: "node-role",
    value: "NAME",
    summary: "Name or ARN of the nodes' role (else the instance profile's name)",
  },
  { name: "with-put", summary: "Also allow ssm put to write the parameters" },
  {
    name: "from-prefix",
    value: "PREFIX",
    repeat: true,
    summary: "Also allow ssm put and ssm diff to read the parameters below this prefix",
  },
  {
    name: "kms-key",
    value: "KEY",
    repeat: true,
    summary: "Customer key of the images' snapshots, or with --for node of the munge key: id, alias or ARN",
  },
  {
    name: "munge-key",
    value: "NAME",
    summary:
      "With --for node: parameter below the prefix that holds it (else as userData has it, or MungeKey)",
  },
  {
    name: "split",
    summary: "Several policies to attach together, each within the limit of a managed policy",
  },
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 iam policy`. */
export const iamPolicy = defineCommand({
  name: "iam policy",
  summary: "Print the least-privilege IAM policy of this configuration, for the controller or its nodes.",
  flags: FLAGS,
  examples: [
    {
      command: "slurm-ec2 iam policy > controller.json",
      says: "For the role or user whose credentials slurmctld has",
    },
    { command: "slurm-ec2 iam policy --for node", says: "For the role in the nodes' instance profile" },
    {
      command: "slurm-ec2 iam policy --format cloudformation > iam.yaml",
      says: "As a template; account and partition are filled in by CloudFormation",
    },
  ],
  notes:
    "Asks nothing of AWS. Images, security groups and key pairs that come from SSM are allowed by wildcard: name " +
    "them in the configuration to allow just those. Print it again whenever the configuration changes.\n" +
    `A managed policy takes ${POLICY_LIMITS.managed} characters, all inline policies of a role together ${POLICY_LIMITS.role}, of a ` +
    `group ${POLICY_LIMITS.group}, of a user ${POLICY_LIMITS.user}; white space is not counted.`,
  exits: { [ExitCode.Partly]: "the policy is larger than IAM takes" },
  permissions: { ...NO_PERMISSIONS, read: ["config"], env: true },
  run: (host, flags) => Promise.resolve(runIamPolicy(host, flags)),
});

function runIamPolicy(host: Host, flags: Given): ExitCode {
  const options = readOptions(flags);
  const config = loadConfig(host, flags);
  const policy = makePolicy(config, options);
  const policies = options.split ? splitPolicy(policy, POLICY_LIMITS.managed) : [policy];
  const text = print(config, options, policies);
  host.stdout.write(text);
  const remarks = [
    ...sizeRemarks(policies),
    ...(options.format === "cloudformation" ? templateRemarks(text) : []),
    ...roleRemarks(config, options),
  ];
  for (const remark of remarks) host.stderr.write(`slurm-ec2: ${remark}\n`);
  return isTooLarge(policies) ? ExitCode.Partly : ExitCode.Done;
}

function readOptions(flags: Given): Options {
  const account = flags.get("account") ?? "*";
  if (!/^(\*|[0-9]{12})$/.test(account)) {
    throw new UsageError(`Not an account number: "${account}"; it has twelve digits`);
  }
  const subject = flags.choice.for ?? "controller";
  const mungeKey = flags.get("munge-key");
  if (mungeKey !== undefined && subject !== "node") throw new UsageError("--munge-key goes with --for node");
  if (mungeKey !== undefined && !/^[A-Za-z0-9_.\/-]+$/.test(mungeKey)) {
    throw new UsageError(`Not the name of an SSM parameter: "${mungeKey}"`);
  }
  if (subject === "node" && flags.has("with-put")) {
    throw new UsageError("--with-put goes with --for controller");
  }
  const fromPrefixes = flags.all("from-prefix");
  if (subject === "node" && fromPrefixes.length > 0) {
    throw new UsageError("--from-prefix goes with --for controller");
  }
  const wrong = fromPrefixes.find((prefix) => !/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/.test(prefix));
  if (wrong !== undefined) throw new UsageError(`Not a prefix of SSM parameters: "${wrong}"`);
  const kmsKeys = flags.all("kms-key");
  if (subject === "node" && kmsKeys.length > 1) {
    throw new UsageError("--kms-key is given once with --for node");
  }
  return {
    subject,
    format: flags.choice.format ?? "json",
    account,
    nodeRole: flags.get("node-role"),
    mungeKey,
    kmsKeys,
    withPut: flags.has("with-put"),
    fromPrefixes,
    split: flags.has("split"),
  };
}

function makePolicy(config: Config, options: Options): PolicyDocument {
  const { subject, format, account, mungeKey, kmsKeys } = options;
  const { region } = config;
  const scope = format === "cloudformation"
    ? { ...CLOUDFORMATION_SCOPE, region }
    : { partition: partitionOf(region).id, region, account };
  if (subject === "controller") {
    const { nodeRole, withPut, fromPrefixes } = options;
    return controllerPolicy(config, { scope, nodeRole, withPut, fromPrefixes, kmsKeys });
  }
  const keys = mungeKey ?? configuredMungeKeys(config);
  if (keys.length === 0) {
    throw new CommandError("No node group's MUNGE_KEY is in SSM: the nodes' role needs no policy at all");
  }
  return nodePolicy(config, {
    scope,
    mungeKey: keys,
    ...(kmsKeys[0] !== undefined && { kmsKey: kmsKeys[0] }),
  });
}

function print(config: Config, { subject, format }: Options, policies: readonly PolicyDocument[]): string {
  if (format === "json") {
    return `${JSON.stringify(policies.length === 1 ? policies[0] : policies, null, 2)}\n`;
  }
  const what = subject === "controller" ? "power nodes of" : "what nodes may do of";
  const template = cloudformationTemplate({
    name: subject === "controller" ? "ControllerPolicy" : "NodePolicy",
    description: `slurm-ec2: ${what} cluster ${config.cluster}${
      subject === "controller" ? " up and down" : ""
    }`,
    policies,
  });
  // CloudFormation reads YAML 1.1, where a bare 2012-10-17 is a date, and no anchors.
  return stringify(template, { lineWidth: 0, aliasDuplicateObjects: false, version: "1.1" });
}

function isTooLarge(policies: readonly PolicyDocument[]): boolean {
  return policies.length > ATTACHED_POLICIES_MAX ||
    policies.some((one) => policySize(one) > POLICY_LIMITS.managed);
}

function sizeRemarks(policies: readonly PolicyDocument[]): string[] {
  if (!isTooLarge(policies)) return [];
  if (policies.length > 1) {
    return [
      `These are ${policies.length} policies, and a role or user takes ${ATTACHED_POLICIES_MAX} (up to 20 where the account ` +
      "has asked for them): let node groups share subnets, security groups, images and key pairs",
    ];
  }
  const size = policySize(policies[0]!);
  const { managed, role } = POLICY_LIMITS;
  const inline = size <= role ? `, or put it inline into a role, which takes ${role}` : "";
  return [
    `The policy has ${size} characters, a managed policy takes ${managed}: print it with --split as several policies ` +
    `and attach all of them${inline}`,
  ];
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const TEMPLATE_BODY_MAX = 51_200;

function templateRemarks(text: string): string[] {
  const size = new TextEncoder().encode(text).length;
  if (size <= TEMPLATE_BODY_MAX) return [];
  return [
    `The template has ${size} bytes, of which a call takes ${TEMPLATE_BODY_MAX}: deploy it through a bucket ` +
    "(aws cloudformation deploy --s3-bucket NAME)",
  ];
}

function roleRemarks(config: Config, { subject, nodeRole }: Options): string[] {
  const roles = nodeRoles(config.nodeGroups, nodeRole);
  if (subject !== "controller" || nodeRole !== undefined || roles.length === 0) return [];
  return [
    `Taking the nodes' role to be named like their instance profile (${
      roles.join(", ")
    }): else say --node-role`,
  ];
}
