import { causeAdvice, type SeenError } from "./causes.ts";
import { classOfError, type ErrorClass } from "./error_codes.ts";

/** What each class of error means and what to do about it, for an administrator who was woken by it. */
const ADVICE: Readonly<Record<ErrorClass, string>> = {
  throttle:
    "AWS is limiting this account's call rate; nothing is known about capacity. It ends by itself; if it keeps " +
    "on, look for other callers in CloudTrail, or ask AWS support for a higher API request limit",
  pool: "AWS has no capacity for this instance type in this zone right now. The jobs are back in the queue " +
    "and try again; add instance types or subnets in other zones to the node group, or hold capacity by a reservation",
  subnet:
    "The subnet has no free private addresses; stopped instances keep theirs. Name a subnet with more " +
    "addresses in the node group, or terminate instances that are not needed",
  quota:
    "The account's limit is reached; no other instance type of the same family helps. Ask for an increase in " +
    "the Service Quotas console (EC2: running on-demand or spot vCPUs); `doctor --only quotas` shows which",
  permission:
    "IAM, an organization's policy or the account's state forbids this call, and AWS does not say which. Compare the " +
    "role's policy with what `iam policy` prints, then look at the service control policies",
  credentials:
    "AWS does not accept the caller's credentials. Check the instance role or profile, and whether a token " +
    "has expired; `doctor --only credentials` says whose they are",
  request:
    "The request can't work as it is configured: trying again changes nothing. Look at what the message names: " +
    "`ssm validate` checks images, key pairs, security groups, subnets and SSM parameters, and " +
    "`doctor --only permissions` asks EC2 about each node group's launch",
  split:
    "One call asked for more than AWS takes in one. It is repeated in smaller calls; lower limits.launchBatch " +
    "if it keeps on",
  state: "The instance is in a state that does not allow this. It usually settles within minutes and is " +
    "looked at again",
  "not-found":
    "The instance is gone, or so new that AWS does not show it yet. Nothing to do, unless it stays in " +
    "the EC2 console",
  transient: "AWS had an internal error. It is tried again; if it keeps on, look at the AWS Health Dashboard",
  network:
    "No valid answer came from the AWS endpoint. Check DNS, the route or VPC endpoint, firewall, proxy " +
    "(HTTPS_PROXY, NO_PROXY) and the aws.endpoints setting; `doctor` tests them",
  deadline:
    "Our own time limit ended the call before AWS answered. It is tried again; if it keeps on, AWS or the " +
    "network is slow: `doctor` tests them",
  "dry-run": "The call would have been allowed; it was only a test",
  ended:
    "The instance was stopped or terminated on purpose, by a call, by itself or by AWS on schedule. Its state reason " +
    "says by which: aws ec2 describe-instances --instance-ids ID",
  limit:
    "A ceiling of slurm-ec2.yaml (limits.maxNodes, maxHourlyCost, maxDailyCost) leaves no room. The node goes back to " +
    "Slurm as soon as there is room again; raise the limit if the job is to start before that",
  paused:
    "An administrator has stopped launches with slurm-ec2 pause. slurm-ec2 unpause lets them go on, and the nodes " +
    "that are held back go back to Slurm",
  unknown: "This code is in no table of ours. Look it up in the EC2 error codes " +
    "(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html) with the request id at hand",
};

/** What a class of error means and what to do next, in one or two sentences without a final period. */
export function classAdvice(errorClass: ErrorClass): string {
  return ADVICE[errorClass];
}

/**
 * What to do about an error, from what was seen: the cause that its code or words name, else what its class means. One
 * or two sentences without a final period.
 */
export function errorAdvice(error: SeenError & { readonly httpStatus?: number }): string {
  return causeAdvice(error) ?? classAdvice(classOfError(error));
}
