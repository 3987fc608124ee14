import type { Ec2Api, Filter, Subnet } from "../aws/ec2_api.ts";
import type { Instance, InstanceState } from "../aws/instance.ts";
import { collectPages } from "../aws/paginate.ts";
import { chunk } from "../base/chunk.ts";
import { mapBounded } from "../base/map_bounded.ts";
import { TagKey } from "../identity/tags.ts";

/**
 * Instances a page: EC2 gives up to 1000. An answer of 1000 is 3 MB of XML, which the SDK holds several times over
 * while it parses it; 10,000 instances then take 10 calls.
 */
const PAGE_SIZE = 1000;

/**
 * Values that one filter takes.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */
const FILTER_VALUES_MAX = 200;

/** Describe calls under way at once for one question. */
const CALLS_AT_ONCE = 4;

type Reader = Pick<Ec2Api, "describeInstances">;

/** Every instance with the cluster's tag, ended ones of the last hour too. @throws {AwsError} when one page is refused */
export function listByTag(ec2: Reader, cluster: string): Promise<Instance[]> {
  return pages(ec2, [{ Name: `tag:${TagKey.Cluster}`, Values: [cluster] }]);
}

/** The cluster's instances that are in one of these states. @throws {AwsError} when one page is refused */
export function listByState(
  ec2: Reader,
  cluster: string,
  states: readonly InstanceState[],
): Promise<Instance[]> {
  return pages(ec2, [
    { Name: `tag:${TagKey.Cluster}`, Values: [cluster] },
    { Name: "instance-state-name", Values: states },
  ]);
}

/**
 * Instances by id, in whatever state: by filter, since one id that EC2 does not know yet fails a call that names ids.
 * @throws {AwsError} when one page is refused
 */
export async function describeById(ec2: Reader, ids: readonly string[]): Promise<Instance[]> {
  const answers = await mapBounded(
    chunk([...new Set(ids)], FILTER_VALUES_MAX),
    CALLS_AT_ONCE,
    (Values) => pages(ec2, [{ Name: "instance-id", Values }]),
  );
  return answers.flat();
}

/** Every instance that a launch with this client token has made. @throws {AwsError} */
export function lookUpToken(ec2: Reader, token: string): Promise<Instance[]> {
  return pages(ec2, [{ Name: "client-token", Values: [token] }]);
}

function pages(ec2: Reader, Filters: readonly Filter[]): Promise<Instance[]> {
  return collectPages((NextToken) =>
    ec2.describeInstances({ Filters, MaxResults: PAGE_SIZE, ...(NextToken !== undefined && { NextToken }) })
  );
}

/** Subnets by id; those that do not exist are not in the answer. @throws {AwsError} when one page is refused */
export async function readSubnets(
  ec2: Pick<Ec2Api, "describeSubnets">,
  ids: readonly string[],
): Promise<Subnet[]> {
  const found = await Promise.all(
    chunk(ids, FILTER_VALUES_MAX).map((Values) =>
      collectPages((NextToken) =>
        ec2.describeSubnets({
          Filters: [{ Name: "subnet-id", Values }],
          ...(NextToken !== undefined && { NextToken }),
        })
      )
    ),
  );
  return found.flat();
}
