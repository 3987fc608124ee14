import type { Ec2Api, Filter, InstanceStatus } from "../aws/ec2_api.ts";
import { collectPages } from "../aws/paginate.ts";

/**
 * What is asked, in this order. EC2 answers for the whole account, since this action knows no tags: so only what is
 * wrong is asked for, which is one page whatever the cluster's size. A failed system check mostly makes the instance's
 * check fail, too (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html).
 */
const QUESTIONS: readonly Filter[] = [
  {
    Name: "event.code",
    Values: [
      "instance-reboot",
      "system-reboot",
      "system-maintenance",
      "instance-retirement",
      "instance-stop",
    ],
  },
  { Name: "instance-status.status", Values: ["impaired"] },
  { Name: "system-status.status", Values: ["impaired"] },
];

/** Calls that a complete reading of the cluster should take; the first two questions are always asked. */
const READS_MAX = 12;

/** Largest page that EC2 gives. */
const PAGE_SIZE = 1000;

/**
 * Running instances of the account with a failed status check, or with an event that AWS has planned. `reads`: how
 * many calls the cluster's listing has taken.
 * @throws {AwsError} when EC2 refuses one of the calls
 */
export async function readHealth(
  ec2: Pick<Ec2Api, "describeInstanceStatus">,
  reads: number,
): Promise<readonly InstanceStatus[]> {
  const questions = QUESTIONS.slice(0, Math.max(2, READS_MAX - reads));
  const answers = await Promise.all(
    questions.map((filter) =>
      collectPages((NextToken) =>
        ec2.describeInstanceStatus({
          Filters: [filter],
          MaxResults: PAGE_SIZE,
          ...(NextToken !== undefined && { NextToken }),
        })
      )
    ),
  );
  return [...new Map(answers.flat().map((status) => [status.instanceId, status])).values()];
}
