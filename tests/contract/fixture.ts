import type { Ec2Api, RunInstancesInput } from "../../lib/aws/ec2_api.ts";
import type { Instance, InstanceState } from "../../lib/aws/instance.ts";
import { collectPages } from "../../lib/aws/paginate.ts";
import type { QuotasApi } from "../../lib/aws/quotas_api.ts";
import type { SsmApi } from "../../lib/aws/ssm_api.ts";
import type { StsApi } from "../../lib/aws/sts_api.ts";

/** An account to check a contract in: clients, and names of what is there already. */
export interface AwsFixture {
  readonly ec2: Ec2Api;
  readonly ssm: SsmApi;
  readonly sts: StsApi;
  readonly quotas: QuotasApi;
  /** An x86_64 image. */
  readonly imageId: string;
  readonly subnetId: string;
  readonly keyName: string;
  readonly securityGroupId: string;
}

/** The tag by which each clause knows its own instances. */
export const RUN_TAG = "contract:run";

/** A launch of exactly that number of instances with a token and a tag of its own, differing where said. */
export function launchOf(
  fixture: AwsFixture,
  count: number,
  others: Partial<RunInstancesInput> = {},
): RunInstancesInput & { readonly run: string } {
  const run = crypto.randomUUID();
  const input = {
    ImageId: fixture.imageId,
    InstanceType: "c7i.large",
    MinCount: count,
    MaxCount: count,
    ClientToken: run,
    SubnetId: fixture.subnetId,
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: RUN_TAG, Value: run }] }],
    ...others,
  } as const;
  return Object.defineProperty({ ...input }, "run", { value: run, enumerable: false }) as typeof input & {
    run: string;
  };
}

/** Launches that number of instances and returns them with the value of their {@link RUN_TAG}. */
export async function launched(
  fixture: AwsFixture,
  count: number,
  others: Partial<RunInstancesInput> = {},
): Promise<{ readonly run: string; readonly instances: readonly Instance[]; readonly ids: string[] }> {
  const input = launchOf(fixture, count, others);
  const instances = await fixture.ec2.runInstances(input);
  return { run: input.run, instances, ids: instances.map(({ instanceId }) => instanceId) };
}

/** Every instance with a tag value of {@link RUN_TAG}. */
export function instancesOf(fixture: AwsFixture, run: string): Promise<Instance[]> {
  const Filters = [{ Name: `tag:${RUN_TAG}`, Values: [run] }];
  return collectPages((NextToken) => fixture.ec2.describeInstances({ Filters, MaxResults: 1000, NextToken }));
}

/** The instances once all are in a state; those of a simulator are there at once, real ones after a while. */
export async function inState(
  fixture: AwsFixture,
  ids: readonly string[],
  state: InstanceState,
): Promise<Instance[]> {
  for (let tries = 0;; tries++) {
    const { items } = await fixture.ec2.describeInstances({ InstanceIds: ids });
    if (items.every((instance) => instance.state === state)) return [...items];
    if (tries === 600) {
      throw new Error(`Not ${state}: ${items.map(({ instanceId, state }) => `${instanceId} ${state}`)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
