import type { Parameter } from "../aws/ssm_api.ts";
import type { Config, NodeGroup } from "../config/model.ts";

/** Names of the SSM parameters that a node group's launch needs; absent where the configuration has the value. */
export interface ParameterNames {
  readonly image?: string;
  readonly keyPair?: string;
  readonly securityGroups?: string;
}

/** What a launch takes from SSM or from the configuration. */
export interface LaunchSettings {
  /** AMI id. */
  readonly imageId: string;
  /** Absent: instances without a key pair. */
  readonly keyName?: string;
  /** May be empty: the VPC's default group then. */
  readonly securityGroupIds: readonly string[];
}

/** A parameter that a launch can't use: which, and what to do about it. */
export interface ParameterProblem {
  readonly kind: "problem";
  /** `ParameterNotFound` as SSM says it, or `InvalidParameterValue` for a value that can't be right. */
  readonly code: "ParameterNotFound" | "InvalidParameterValue";
  readonly message: string;
}

/** The parameters of one node group, by the documented paths: image per distribution, version and architecture. */
export function parameterNames(config: Pick<Config, "ssm" | "region">, group: NodeGroup): ParameterNames {
  const { prefix, spelling } = config.ssm;
  const { os, architecture } = group;
  return {
    ...(group.imageId === undefined &&
      { image: `/${prefix}/${spelling}/${os.distribution}/${os.version}/${architecture}/${config.region}` }),
    ...(group.keyPair === undefined && { keyPair: `/${prefix}/SlurmNodeEc2KeyPairs/${config.region}` }),
    ...(group.securityGroups === undefined &&
      { securityGroups: `/${prefix}/SlurmNodeSecurityGroups/${config.region}` }),
  };
}

/** Every distinct parameter that the groups need: each is read once, however many nodes ask for it. */
export function distinctParameterNames(
  config: Pick<Config, "ssm" | "region">,
  groups: Iterable<NodeGroup>,
): string[] {
  const names = new Set<string>();
  for (const group of groups) {
    for (const name of Object.values(parameterNames(config, group))) names.add(name);
  }
  return [...names].sort();
}

/** The group's launch settings out of the values read, or the first parameter that stands in the way. */
export function launchSettings(
  config: Pick<Config, "ssm" | "region">,
  group: NodeGroup,
  values: ReadonlyMap<string, Parameter>,
): LaunchSettings | ParameterProblem {
  const names = parameterNames(config, group);
  const read = (name: string | undefined, configured: string | undefined, what: ValueKind) =>
    name === undefined ? configured : checkedValue(name, values.get(name), what);
  const imageId = read(names.image, group.imageId, IMAGE);
  const keyName = read(names.keyPair, group.keyPair === "none" ? undefined : group.keyPair, KEY_PAIR);
  const groups = read(names.securityGroups, group.securityGroups?.join(","), SECURITY_GROUPS);
  for (const value of [imageId, keyName, groups]) if (typeof value === "object") return value;
  return {
    imageId: imageId as string,
    ...(keyName !== undefined && { keyName: keyName as string }),
    securityGroupIds: splitList((groups ?? "") as string),
  };
}

interface ValueKind {
  readonly what: string;
  readonly example: string;
  readonly accepts: (value: string) => boolean;
}

const IMAGE: ValueKind = {
  what: "an AMI id",
  example: "ami-0123456789abcdef0",
  accepts: (value) => /^ami-[0-9a-f]{8,17}$/.test(value),
};
const KEY_PAIR: ValueKind = {
  what: "the name of a key pair",
  example: "my-key",
  accepts: (value) => /^[^\p{Cc}]{1,255}$/u.test(value) && value !== UNDEFINED,
};
const SECURITY_GROUPS: ValueKind = {
  what: "one security group id or a list of them",
  example: "sg-0123456789abcdef0",
  accepts: (value) =>
    splitList(value).length > 0 && splitList(value).every((id) => /^sg-[0-9a-f]{8,17}$/.test(id)),
};

/**
 * Stacks of the legacy plugin create image parameters with this value and fill them in later.
 * https://github.com/aws-samples/aws-eda-slurm-cluster/tree/v1.1.2
 */
const UNDEFINED = "UNDEFINED";

function checkedValue(
  name: string,
  parameter: Parameter | undefined,
  kind: ValueKind,
): string | ParameterProblem {
  const fix = `aws ssm put-parameter --overwrite --type String --name ${name} --value ${kind.example}`;
  if (parameter === undefined) {
    return {
      kind: "problem",
      code: "ParameterNotFound",
      message: `SSM parameter "${name}" is missing: write ${kind.what} to it (${fix})`,
    };
  }
  const value = parameter.value.trim();
  if (kind.accepts(value)) return value;
  return {
    kind: "problem",
    code: "InvalidParameterValue",
    message: `SSM parameter "${name}" holds ${shown(parameter)}, not ${kind.what}: write one to it (${fix})`,
  };
}

/** Longest value that a message repeats, in characters: what is longer, or of several lines, may be a key. */
const SHOWN_MAX = 60;

/** A wrong value for a message, which every user may read in sinfo -R: what may be a secret is only named. */
function shown({ value, type }: Parameter): string {
  const text = value.trim();
  if (type === "SecureString") return "a SecureString";
  return /^[^\p{Cc}]*$/u.test(text) && text.length <= SHOWN_MAX ? `"${text}"` : `${text.length} characters`;
}

/** A single id, a comma list and a StringList all read alike. */
function splitList(value: string): string[] {
  return value.split(",").map((id) => id.trim()).filter((id) => id !== "");
}
