import { assertEquals } from "@std/assert";
import type { Ec2Api } from "../../lib/aws/ec2_api.ts";
import { isDryRunAllowed } from "../../lib/aws/error_codes.ts";
import type { Clause } from "./clause.ts";
import { type AwsFixture, instancesOf, launched, launchOf } from "./fixture.ts";
import { refusalOf } from "./refusal.ts";

/** An operation called with DryRun on an instance of the test's own. */
type DryRun = (fixture: AwsFixture, instanceId: string) => Promise<unknown>;

const DRY_RUNS: { readonly [M in keyof Ec2Api]: DryRun } = {
  runInstances: (fixture) => fixture.ec2.runInstances({ ...launchOf(fixture, 1), DryRun: true }),
  describeInstances: ({ ec2 }) => ec2.describeInstances({ DryRun: true }),
  describeInstanceStatus: ({ ec2 }) => ec2.describeInstanceStatus({ DryRun: true }),
  startInstances: ({ ec2 }, id) => ec2.startInstances({ InstanceIds: [id], DryRun: true }),
  stopInstances: ({ ec2 }, id) => ec2.stopInstances({ InstanceIds: [id], DryRun: true }),
  terminateInstances: ({ ec2 }, id) => ec2.terminateInstances({ InstanceIds: [id], DryRun: true }),
  createTags: ({ ec2 }, id) =>
    ec2.createTags({ Resources: [id], Tags: [{ Key: "never", Value: "written" }], DryRun: true }),
  getConsoleOutput: ({ ec2 }, id) => ec2.getConsoleOutput({ InstanceId: id, DryRun: true }),
  describeSubnets: ({ ec2 }) => ec2.describeSubnets({ DryRun: true }),
  describeImages: ({ ec2 }) => ec2.describeImages({ DryRun: true }),
  describeKeyPairs: ({ ec2 }) => ec2.describeKeyPairs({ DryRun: true }),
  describeSecurityGroups: ({ ec2 }) => ec2.describeSecurityGroups({ DryRun: true }),
  describeInstanceTypeOfferings: ({ ec2 }) =>
    ec2.describeInstanceTypeOfferings({ LocationType: "availability-zone", DryRun: true }),
  describeInstanceTypes: ({ ec2 }) => ec2.describeInstanceTypes({ DryRun: true }),
};

/**
 * A call with DryRun fails although it is allowed, and does nothing
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html).
 */
export const DRY_RUN_CLAUSES: readonly Clause<AwsFixture>[] = [
  ...Object.entries(DRY_RUNS).map(([method, dryRun]) => ({
    name: `a dry run of ${method} that is allowed fails with DryRunOperation`,
    async holds(fixture: AwsFixture) {
      const { ids } = await launched(fixture, 1);
      const error = await refusalOf(() => dryRun(fixture, ids[0]!));
      assertEquals([error.code, error.httpStatus], ["DryRunOperation", 412]);
      assertEquals(isDryRunAllowed(error.code), true);
    },
  })),
  {
    name: "dry runs change nothing",
    async holds(fixture) {
      const { run, ids } = await launched(fixture, 1);
      const [before] = await instancesOf(fixture, run);
      for (const method of ["terminateInstances", "stopInstances", "createTags"] as const) {
        await refusalOf(() => DRY_RUNS[method](fixture, ids[0]!));
      }
      const launch = launchOf(fixture, 1);
      await refusalOf(() => fixture.ec2.runInstances({ ...launch, DryRun: true }));
      const [after] = await instancesOf(fixture, run);
      assertEquals([after?.tags, after?.launchTime], [before?.tags, before?.launchTime]);
      assertEquals(["pending", "running"].includes(after!.state), true);
      assertEquals(await instancesOf(fixture, launch.run), []);
    },
  },
];
