import { launchSubnet } from "../../aws/launch_subnet.ts";
import type { Ec2Api, RunInstancesInput } from "../../aws/ec2_api.ts";
import type { PricingApi } from "../../aws/pricing_api.ts";
import type { QuotasApi } from "../../aws/quotas_api.ts";
import type { SsmApi } from "../../aws/ssm_api.ts";
import type { StsApi } from "../../aws/sts_api.ts";

/** The ports whose permissions are asked about. */
export interface ProbedPorts {
  readonly ec2: Ec2Api;
  readonly ssm: SsmApi;
  readonly sts: StsApi;
  readonly pricing: PricingApi;
  readonly quotas: QuotasApi;
}

/** A launch of one node group as the hook would send it, or why there is none. */
export interface GroupLaunch {
  readonly nodeGroup: string;
  /** Absent where the image, key pair or security groups are not known. */
  readonly input?: RunInstancesInput;
  /** Why there is no request. */
  readonly problem?: string;
}

/** An instance of the cluster's own, to ask about. */
export interface ProbedInstance {
  readonly instanceId: string;
  readonly state: string;
  readonly capacityType: "on-demand" | "spot";
}

/** What calls can be asked about with. */
export interface ProbeSubjects {
  readonly launches: readonly GroupLaunch[];
  /** The cluster's own that run or are stopped; undefined: not known. */
  readonly instances: readonly ProbedInstance[] | undefined;
  /** Names of SSM parameters that launches read. */
  readonly parameters: readonly string[];
  /** A path that parameters lie below. */
  readonly path: string;
  readonly region: string;
}

/** One call to make for its answer only, or why it can't be made. */
export interface Attempt {
  /** What it is about besides the action itself, e.g. `node group c`; absent: nothing in particular. */
  readonly of?: string;
  readonly call: ((ports: ProbedPorts) => Promise<unknown>) | string;
}

/** How it is found out whether an operation is allowed. */
export interface Probe {
  /** Who makes the call: `people` are our other commands. */
  readonly callers: "hooks" | "people";
  /** Calls to make, or why nothing can be asked. */
  readonly attempts: (subjects: ProbeSubjects) => readonly Attempt[] | string;
}

/** EC2 has a dry run of each action; what is read elsewhere is read, and nothing is ever written to find out. */
const dry = { DryRun: true } as const;

/** Only a tag condition on an instance of ours is met: any other's refusal would say nothing. */
const NO_INSTANCE = "is allowed for instances with the cluster's tag only, and there is none";

function onInstance(
  fits: (instance: ProbedInstance) => boolean,
  call: (ec2: Ec2Api, instanceId: string) => Promise<unknown>,
  without = NO_INSTANCE,
): Probe["attempts"] {
  return ({ instances }) => {
    if (instances === undefined) return "none of the cluster's instances is known: see ec2:DescribeInstances";
    const instance = instances.find(fits);
    return instance === undefined
      ? without
      : [{ of: instance.instanceId, call: ({ ec2 }) => call(ec2, instance.instanceId) }];
  };
}

const describing = (call: (ec2: Ec2Api) => Promise<unknown>): Probe => ({
  callers: "people",
  attempts: () => [{ call: ({ ec2 }) => call(ec2) }],
});

/**
 * Every operation of the ports by its IAM service prefix: a new method without an entry does not compile.
 * `free`: needs no permission.
 */
export const PROBES: {
  readonly ec2: Readonly<Record<keyof Ec2Api, Probe>>;
  readonly ssm: Readonly<Record<keyof SsmApi, Probe>>;
  readonly sts: Readonly<Record<keyof StsApi, "free">>;
  readonly pricing: Readonly<Record<keyof PricingApi, Probe>>;
  readonly servicequotas: Readonly<Record<keyof QuotasApi, Probe>>;
} = {
  ec2: {
    runInstances: {
      callers: "hooks",
      attempts: ({ launches }) =>
        launches.map(({ nodeGroup, input, problem }) =>
          input === undefined ? { of: `node group ${nodeGroup}`, call: problem ?? "has no launch to try" } : {
            of: `node group ${nodeGroup} in ${launchSubnet(input)}`,
            call: ({ ec2 }) => ec2.runInstances({ ...input, ...dry }),
          }
        ),
    },
    createTags: { callers: "hooks", attempts: () => "is allowed at a launch only: see ec2:RunInstances" },
    describeInstances: {
      callers: "hooks",
      attempts: () => [{ call: ({ ec2 }) => ec2.describeInstances({ MaxResults: 5, ...dry }) }],
    },
    describeInstanceStatus: {
      callers: "hooks",
      attempts: () => [{ call: ({ ec2 }) => ec2.describeInstanceStatus({ MaxResults: 5, ...dry }) }],
    },
    terminateInstances: {
      callers: "hooks",
      attempts: onInstance(
        () => true,
        (ec2, id) => ec2.terminateInstances({ InstanceIds: [id], ...dry }),
      ),
    },
    stopInstances: {
      callers: "hooks",
      attempts: onInstance(
        ({ state, capacityType }) => state === "running" && capacityType === "on-demand",
        (ec2, id) => ec2.stopInstances({ InstanceIds: [id], ...dry }),
        "is allowed for instances with the cluster's tag only, and none that runs could be stopped",
      ),
    },
    startInstances: {
      callers: "hooks",
      attempts: onInstance(
        ({ state }) => state === "stopped",
        (ec2, id) => ec2.startInstances({ InstanceIds: [id], ...dry }),
        "is allowed for instances with the cluster's tag only, and none is stopped",
      ),
    },
    getConsoleOutput: {
      callers: "hooks",
      attempts: onInstance(
        () => true,
        (ec2, id) => ec2.getConsoleOutput({ InstanceId: id, ...dry }),
      ),
    },
    describeInstanceTypes: describing((ec2) => ec2.describeInstanceTypes({ MaxResults: 5, ...dry })),
    describeInstanceTypeOfferings: describing((ec2) =>
      ec2.describeInstanceTypeOfferings({ LocationType: "availability-zone", MaxResults: 5, ...dry })
    ),
    describeSubnets: describing((ec2) => ec2.describeSubnets({ MaxResults: 5, ...dry })),
    describeImages: describing((ec2) => ec2.describeImages({ MaxResults: 5, ...dry })),
    describeKeyPairs: describing((ec2) => ec2.describeKeyPairs({ ...dry })),
    describeSecurityGroups: describing((ec2) => ec2.describeSecurityGroups({ MaxResults: 5, ...dry })),
  },
  ssm: {
    getParameters: {
      callers: "hooks",
      attempts: ({ parameters }) =>
        onParameter(
          parameters,
          (name) => ({ ssm }) => ssm.getParameters({ Names: [name], WithDecryption: true }),
        ),
    },
    getParameter: {
      callers: "people",
      attempts: ({ parameters }) =>
        onParameter(
          parameters.slice(0, 1),
          (name) => ({ ssm }) => ssm.getParameter({ Name: name, WithDecryption: true }),
        ),
    },
    getParametersByPath: {
      callers: "people",
      attempts: (
        { path },
      ) => [{ of: path, call: ({ ssm }) => ssm.getParametersByPath({ Path: path, MaxResults: 1 }) }],
    },
    putParameter: {
      callers: "people",
      attempts: () => "not tried, for it would write; only ssm put calls it (iam policy --with-put)",
    },
  },
  sts: { getCallerIdentity: "free" },
  pricing: {
    getProducts: {
      callers: "people",
      attempts: ({ region }) => [{
        call: ({ pricing }) =>
          pricing.getProducts({
            ServiceCode: "AmazonEC2",
            Filters: [{ Field: "regionCode", Value: region }],
            MaxResults: 1,
          }),
      }],
    },
  },
  servicequotas: {
    listServiceQuotas: {
      callers: "people",
      attempts:
        () => [{ call: ({ quotas }) => quotas.listServiceQuotas({ ServiceCode: "ec2", MaxResults: 1 }) }],
    },
  },
};

function onParameter(
  names: readonly string[],
  call: (name: string) => Attempt["call"],
): readonly Attempt[] | string {
  if (names.length === 0) return "this configuration reads no parameter";
  return names.map((name) => ({ of: name, call: call(name) }));
}

/** The IAM action of a port's method, e.g. `ec2:RunInstances`. */
export function actionName(service: string, method: string): string {
  return `${service}:${method.charAt(0).toUpperCase()}${method.slice(1)}`;
}
