import type { Ec2Api, InstanceTypeOffering, Page, Subnet } from "../../aws/ec2_api.ts";
import type { FetchPage } from "../../aws/paginate.ts";
import { collectPages } from "../../aws/paginate.ts";
import { type Patience, patiently } from "../../aws/patiently.ts";
import type { Parameter, SsmApi } from "../../aws/ssm_api.ts";
import type { Answer } from "../answer.ts";
import { chunk } from "../../base/chunk.ts";
import { askEach, askOnce } from "../ask.ts";
import { PARAMETER_FAMILIES } from "../../identity/parameter_families.ts";
import type { Ec2Facts, Facts } from "./judge.ts";
import { idsOf, type ParameterFacts } from "./parameter_checks.ts";
import { prefixesOf, type ValueKind, type WantedConfig, wantedValues } from "./wanted_value.ts";

/** What asking Parameter Store needs. */
export interface ReadPorts extends Omit<Patience, "deadline"> {
  readonly ssm: Pick<SsmApi, "getParameters" | "getParametersByPath">;
}

/** What asking Parameter Store and EC2 needs. */
export interface AskPorts extends ReadPorts {
  readonly ec2: Pick<
    Ec2Api,
    "describeImages" | "describeKeyPairs" | "describeSecurityGroups" | "describeSubnets"
  >;
}

/**
 * Milliseconds for which throttling is waited out: Parameter Store answers 40 calls a second, shared with every node
 * that boots (https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-throughput.html).
 */
const PATIENCE = 120_000;

/** GetParameters and GetParametersByPath take and answer at most ten (Systems Manager API reference). */
const PARAMETERS_PER_CALL = 10;

/** Ids that one Describe call names; a bad one is then found in seven further calls. */
const IDS_PER_CALL = 100;

/** Asks SSM and EC2 for all that the checks need to know. */
export async function gatherFacts(ports: AskPorts, config: WantedConfig): Promise<Facts> {
  const facts = await gatherParameters(ports, config);
  return { ...facts, ec2: await gatherEc2(ports, config, facts) };
}

/** When a question that begins now is given up. */
export function deadlineFrom(now: number): number {
  return now + PATIENCE;
}

/** The same facts as if the values had been written. */
export function withValues(facts: ParameterFacts, values: ReadonlyMap<string, string>): ParameterFacts {
  const parameters = new Map(facts.parameters);
  for (const [name, value] of values) {
    parameters.set(name, { kind: "found", value: given(name, value, parameters) });
  }
  return { ...facts, parameters };
}

/** A value that is not written yet, of the type that is there already. */
function given(name: string, value: string, read: ReadonlyMap<string, Answer<Parameter>>): Parameter {
  const before = read.get(name);
  return { name, value, type: before?.kind === "found" ? before.value.type : "String", version: 0 };
}

/** What SSM has: every name that the configuration implies, in all spellings, and all of our families below its prefixes. */
export async function gatherParameters(
  ports: ReadPorts,
  config: WantedConfig,
): Promise<ParameterFacts> {
  const patience = { ...ports, deadline: deadlineFrom(ports.now()) };
  const wanted = wantedValues(config);
  const read = wanted.filter(({ name }) => name !== undefined);
  if (read.length === 0) return { wanted, parameters: new Map(), listings: new Map() };
  const parameters = await askEach(patience, {
    names: read.flatMap(({ name, otherNames }) => [name!, ...otherNames]),
    perCall: PARAMETERS_PER_CALL,
    call: async (Names) => {
      const answer = await ports.ssm.getParameters({ Names, WithDecryption: true });
      return byKey(answer.parameters, ({ name }) => name);
    },
  });
  const listings = new Map<string, Answer<readonly Parameter[]>>();
  for (const prefix of prefixesOf(config)) listings.set(prefix, await list(ports, patience, prefix));
  return { wanted, parameters, listings };
}

/**
 * All of our families below a prefix. Each is listed by itself: who may list the prefix may read what else lies there,
 * a munge key among it.
 */
async function list(
  { ssm }: Pick<ReadPorts, "ssm">,
  patience: Patience,
  prefix: string,
): Promise<Answer<readonly Parameter[]>> {
  const found: Parameter[] = [];
  for (const family of PARAMETER_FAMILIES) {
    const fetch: FetchPage<Parameter> = (NextToken) =>
      patiently(patience, () =>
        ssm.getParametersByPath({
          Path: `/${prefix}/${family}`,
          Recursive: true,
          MaxResults: PARAMETERS_PER_CALL,
          ...(NextToken !== undefined && { NextToken }),
        }));
    const answer = await askOnce(patience, () => collectPages(fetch));
    if (answer.kind === "refused") return answer;
    if (answer.kind === "found") found.push(...answer.value);
  }
  return { kind: "found", value: found };
}

/** What EC2 has of all that the parameters and the configuration name. */
export async function gatherEc2(
  ports: AskPorts,
  config: WantedConfig,
  facts: Pick<ParameterFacts, "wanted" | "parameters">,
): Promise<Ec2Facts> {
  const patience = { ...ports, deadline: deadlineFrom(ports.now()) };
  const names = (kind: ValueKind) =>
    facts.wanted.filter((one) => one.kind === kind).flatMap((one) => idsOf(one, facts));
  const { ec2 } = ports;
  const ask = <T>(
    wanted: Iterable<string>,
    call: (names: readonly string[]) => Promise<ReadonlyMap<string, T>>,
  ) => askEach(patience, { names: wanted, perCall: IDS_PER_CALL, call });
  return {
    images: await ask(
      names("image"),
      async (ImageIds) => byKey(await all(ec2.describeImages({ ImageIds })), ({ imageId }) => imageId),
    ),
    keyPairs: await ask(
      names("keyPair"),
      async (KeyNames) => byKey(await ec2.describeKeyPairs({ KeyNames }), ({ keyName }) => keyName),
    ),
    securityGroups: await ask(
      names("securityGroups"),
      async (GroupIds) =>
        byKey(await all(ec2.describeSecurityGroups({ GroupIds })), ({ groupId }) => groupId),
    ),
    subnets: await gatherSubnets(ports, config),
  };
}

/** What EC2 has of the configuration's subnets. */
export function gatherSubnets(
  ports: Omit<Patience, "deadline"> & { readonly ec2: Pick<Ec2Api, "describeSubnets"> },
  config: Pick<WantedConfig, "nodeGroups">,
): Promise<Map<string, Answer<Subnet>>> {
  return askEach({ ...ports, deadline: deadlineFrom(ports.now()) }, {
    names: config.nodeGroups.flatMap(({ subnets }) => subnets),
    perCall: IDS_PER_CALL,
    call: async (SubnetIds) =>
      byKey(await all(ports.ec2.describeSubnets({ SubnetIds })), ({ subnetId }) => subnetId),
  });
}

/** What is asked for by id comes on one page: EC2 takes no page size with ids. */
async function all<T>(page: Promise<Page<T>>): Promise<readonly T[]> {
  return (await page).items;
}

/** Values that one filter takes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html */
const VALUES_PER_FILTER = 200;

/** Which zones have which of the configuration's instance types. Throws {@link AwsError} when EC2 does not say. */
export async function gatherOfferings(
  ports: Patience & { readonly ec2: Pick<Ec2Api, "describeInstanceTypeOfferings"> },
  config: Pick<WantedConfig, "nodeGroups">,
): Promise<InstanceTypeOffering[]> {
  const types = new Set(config.nodeGroups.flatMap(({ instanceTypes }) => instanceTypes));
  const found: InstanceTypeOffering[] = [];
  for (const Values of chunk([...types], VALUES_PER_FILTER)) {
    const Filters = [{ Name: "instance-type", Values }];
    found.push(
      ...await collectPages((NextToken) =>
        patiently(ports, () =>
          ports.ec2.describeInstanceTypeOfferings({
            LocationType: "availability-zone",
            Filters,
            MaxResults: 1000,
            ...(NextToken !== undefined && { NextToken }),
          }))
      ),
    );
  }
  return found;
}

function byKey<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T> {
  return new Map(items.map((item) => [keyOf(item), item]));
}
