import type { Ec2Api } from "../aws/ec2_api.ts";
import type { PricingApi } from "../aws/pricing_api.ts";
import type { QuotasApi } from "../aws/quotas_api.ts";
import type { SsmApi } from "../aws/ssm_api.ts";
import type { StsApi } from "../aws/sts_api.ts";

/**
 * How an operation of ours is limited:
 * `launch` by the resources of a launch and its tags, `tag` to tags at a launch, `own` to instances with the
 * cluster's tag, `any` not at all (describing supports no resources), `read`, `list` and `write` to parameters
 * below the prefix, `free`: needs no permission.
 */
export type Reach = "launch" | "tag" | "own" | "any" | "read" | "list" | "write" | "free";

/**
 * Every operation of the ports, and how IAM can limit it: a new method without an entry does not compile.
 * Which operations know resources and tags is written in the Service Authorization Reference:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html,
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html,
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awspricelist.html,
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_servicequotas.html. GetCallerIdentity is
 * answered whatever the policies say: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
const REACH: {
  readonly ec2: Readonly<Record<keyof Ec2Api, Reach>>;
  readonly ssm: Readonly<Record<keyof SsmApi, Reach>>;
  readonly sts: Readonly<Record<keyof StsApi, Reach>>;
  readonly pricing: Readonly<Record<keyof PricingApi, Reach>>;
  readonly servicequotas: Readonly<Record<keyof QuotasApi, Reach>>;
} = {
  ec2: {
    runInstances: "launch",
    createTags: "tag",
    startInstances: "own",
    stopInstances: "own",
    terminateInstances: "own",
    getConsoleOutput: "own",
    describeInstances: "any",
    describeInstanceStatus: "any",
    describeInstanceTypes: "any",
    describeInstanceTypeOfferings: "any",
    describeSubnets: "any",
    describeImages: "any",
    describeKeyPairs: "any",
    describeSecurityGroups: "any",
  },
  ssm: {
    getParameter: "read",
    getParameters: "read",
    getParametersByPath: "list",
    putParameter: "write",
  },
  sts: { getCallerIdentity: "free" },
  pricing: { getProducts: "any" },
  servicequotas: { listServiceQuotas: "any" },
};

/** The IAM actions of all operations with a reach, sorted, e.g. `ec2:RunInstances`. */
export function actionsOf(reach: Reach): string[] {
  return Object.entries(REACH).flatMap(([service, methods]) =>
    Object.entries(methods)
      .filter(([, one]) => one === reach)
      .map(([method]) => `${service}:${method.charAt(0).toUpperCase()}${method.slice(1)}`)
  ).sort();
}
