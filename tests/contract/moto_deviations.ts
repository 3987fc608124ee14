import type { Deviation } from "./clause.ts";

const API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference";
const RUN_INSTANCES = `${API}/API_RunInstances.html`;
const DESCRIBE_INSTANCES = `${API}/API_DescribeInstances.html`;
const ERRORS = `${API}/errors-overview.html`;
const IDEMPOTENCY = "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html";
const USER_GUIDE = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide";

/**
 * Where moto (seen in 5.2.5) differs from AWS. A clause that holds after all fails its test, so that the list
 * can't grow stale; an emulator that shared our simulator's every opinion would prove nothing.
 */
export const MOTO_DEVIATIONS: readonly Deviation[] = [
  {
    clause: "EFAs are refused to a type that takes none, and so is a subnet next to those of interfaces",
    instead: "every type has EFAs, and the instance's own subnet counts",
    documentation: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa.html#efa-instance-types",
  },
  {
    clause: "a launch launches as many as it can, up to MaxCount",
    instead: "MinCount instances are launched",
    documentation: RUN_INSTANCES,
  },
  {
    clause: "the same client token with the same request launches nothing new",
    instead: "the token is ignored",
    documentation: IDEMPOTENCY,
  },
  {
    clause: "the same client token with another request is refused",
    instead: "the token is ignored",
    documentation: IDEMPOTENCY,
  },
  {
    clause: "a launch with a malformed image id is refused",
    instead: "the code is InvalidAMIID.NotFound",
    documentation: ERRORS,
  },
  {
    clause: "a MinCount above MaxCount is the request's fault",
    instead: "MinCount instances are launched",
    documentation: RUN_INSTANCES,
  },
  {
    clause: "a launch with an unknown instance profile is the request's fault",
    instead: "the code is IAM's NoSuchEntity",
    documentation: ERRORS,
  },
  {
    clause: "user data over 16 KB is refused",
    instead: "any length is taken",
    documentation: `${USER_GUIDE}/instancedata-add-user-data.html`,
  },
  { clause: "a terminated instance can't be started", instead: "it starts", documentation: ERRORS },
  {
    clause: "a terminated instance has lost its address",
    instead: "it keeps the address",
    documentation: `${USER_GUIDE}/using-instance-addressing.html`,
  },
  {
    clause: "the client-token filter works",
    instead: "HTTP 500 with an HTML page",
    documentation: DESCRIBE_INSTANCES,
  },
  {
    clause: "an unknown filter is refused",
    instead: "HTTP 500 with an HTML page",
    documentation: ERRORS,
  },
  {
    clause: "a page holds at most MaxResults instances",
    instead: "MaxResults counts reservations",
    documentation: DESCRIBE_INSTANCES,
  },
  {
    clause: "MaxResults under 5 is refused",
    instead: "any number is taken",
    documentation: DESCRIBE_INSTANCES,
  },
  {
    clause: "a malformed instance id is refused",
    instead: "the code is InvalidInstanceID.NotFound",
    documentation: ERRORS,
  },
  {
    clause: "tagging an unknown instance is refused",
    instead: "the tags are taken",
    documentation: `${API}/API_CreateTags.html`,
  },
  ...[
    "getConsoleOutput",
    "describeInstanceStatus",
    "describeKeyPairs",
    "describeSecurityGroups",
    "describeInstanceTypes",
    "describeInstanceTypeOfferings",
  ].map((
    method,
  ) => ({
    clause: `a dry run of ${method} that is allowed fails with DryRunOperation`,
    instead: "DryRun is ignored",
    documentation: `${API}/CommonParameters.html`,
  })),
  {
    clause: "EC2's quotas come in pages, each once, with their codes",
    instead: "HTTP 500: the operation is not there",
    documentation:
      "https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html",
  },
];
