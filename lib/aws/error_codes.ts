/**
 * What kind of "no" an error code is, which decides what is done about it:
 * `throttle` too many calls, capacity unknown; `pool` this type has no capacity in this zone for this capacity
 * type; `subnet` no free address; `quota` the account's limit; `permission` IAM or the account forbids it;
 * `credentials` who is calling is not known; `request` the request can't work as it is; `split` too much in one
 * call; `state` the instance is in a state that refuses this; `not-found` gone, or not visible yet; `transient`
 * AWS's own fault; `network` no valid answer came; `deadline` our own time limit ended the call; `dry-run` it
 * would have been allowed; `ended` stopped or terminated on purpose; `limit` a ceiling of slurm-ec2.yaml is reached;
 * `paused` a person has stopped launches; * `unknown` a code that no table of ours has.
 */
export type ErrorClass =
  | "throttle"
  | "pool"
  | "subnet"
  | "quota"
  | "permission"
  | "credentials"
  | "request"
  | "split"
  | "state"
  | "not-found"
  | "transient"
  | "network"
  | "deadline"
  | "dry-run"
  | "ended"
  | "limit"
  | "paused"
  | "unknown";

/** How a refused call is repeated, from the most patient to never. */
export type Repetition =
  /** Twice within the call itself, half a second in all, then until the caller's deadline. */
  | "at-once"
  /** With growing pauses until the caller's deadline. */
  | "until-deadline"
  /** Three tries: what does not answer is not worth a job's whole ResumeTimeout. */
  | "thrice"
  | "never";

/**
 * The most that a refusal speaks for, narrowest first: whatever else lies within it would be refused alike. The scope
 * is that of a call; an instance that ended by itself speaks for its node only.
 */
export type RefusalScope = "node" | "pool" | "subnet" | "capacity-type" | "group" | "account";

/** `warn`: passes by itself or was ordered; `error`: stays until a person acts, or nobody knows what it is. */
export type FailureLevel = "warn" | "error";

/** What one class of errors means, wherever something is decided by it. */
export interface ErrorRule {
  /** Whether and how the same call is made again without anybody having done anything. */
  readonly repeat: Repetition;
  /** Whether the call may have been carried out: after a launch only its client token tells. */
  readonly outcomeUnknown: boolean;
  /** Whether a call for fewer instances may still go through. */
  readonly smallerHelps: boolean;
  readonly scope: RefusalScope;
  /**
   * How long a node stays down that got no instance for this, in units of `limits.cooldown`; 0: it is tried again at
   * once. Peers wait 180 s (Karpenter's cache) to 600 s (ParallelCluster) for a pool; where a person must act, asking
   * less often is kinder to the API.
   */
  readonly rest: number;
  /** Whether the rest ends early once its cause is gone: a cause of our own, so that the controller sees it go. */
  readonly liftable: boolean;
  /** How it is logged. */
  readonly level: FailureLevel;
}

/** Nothing is sent again, nothing was done, no smaller call helps, and time alone ends it. */
const FINAL = { repeat: "never", outcomeUnknown: false, smallerHelps: false, liftable: false } as const;

/**
 * What every class means; lib/aws/advice.ts says what a person does about it. Which failures leave the outcome open:
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html.
 */
export const ERROR_CLASSES: Readonly<Record<ErrorClass, ErrorRule>> = {
  "throttle": { ...FINAL, repeat: "until-deadline", scope: "account", rest: 0, level: "warn" },
  "pool": { ...FINAL, scope: "pool", rest: 1, level: "warn" },
  "subnet": { ...FINAL, smallerHelps: true, scope: "subnet", rest: 1, level: "error" },
  "quota": { ...FINAL, smallerHelps: true, scope: "capacity-type", rest: 2, level: "error" },
  // A policy may allow one group's subnets, images or tags and not another's.
  "permission": { ...FINAL, scope: "group", rest: 2, level: "error" },
  "credentials": { ...FINAL, scope: "account", rest: 1, level: "error" },
  "request": { ...FINAL, scope: "group", rest: 2, level: "error" },
  "split": { ...FINAL, smallerHelps: true, scope: "node", rest: 0, level: "warn" },
  "state": { ...FINAL, scope: "node", rest: 0, level: "warn" },
  "not-found": { ...FINAL, scope: "node", rest: 0, level: "warn" },
  "transient": {
    ...FINAL,
    repeat: "at-once",
    outcomeUnknown: true,
    scope: "account",
    rest: 0,
    level: "warn",
  },
  "network": {
    ...FINAL,
    repeat: "thrice",
    outcomeUnknown: true,
    scope: "account",
    rest: 0.2,
    level: "error",
  },
  "deadline": { ...FINAL, repeat: "thrice", outcomeUnknown: true, scope: "account", rest: 0, level: "warn" },
  "dry-run": { ...FINAL, scope: "node", rest: 0, level: "warn" },
  "ended": { ...FINAL, scope: "node", rest: 0, level: "warn" },
  "limit": { ...FINAL, scope: "group", rest: 2, liftable: true, level: "warn" },
  "paused": { ...FINAL, scope: "group", rest: 2, liftable: true, level: "warn" },
  "unknown": { ...FINAL, scope: "group", rest: 1, level: "error" },
};

/** Our own code: nobody answers at the endpoint (refused, no such host, reset, unreachable, TLS failure). */
export const ENDPOINT_UNREACHABLE = "EndpointUnreachable";
/** Our own code: something answered, but not the AWS service (a proxy's login page, an empty body, broken XML). */
export const INVALID_RESPONSE = "InvalidResponse";
/** Our own code: the request was sent and no answer came in time; it may have been carried out. */
export const RESPONSE_TIMEOUT = "ResponseTimeout";
/** Our own code: the caller's abort signal ended the call; it may have been carried out. */
export const REQUEST_ABORTED = "RequestAborted";
/** Our own code: the call failed on our side, before anything was sent (a setting that can't work, a defect). */
export const CLIENT_FAILURE = "ClientFailure";
/** Our own code: nothing was launched, since it could not have registered with Slurm in time. */
export const LAUNCH_DEADLINE = "LaunchDeadline";
/** Our own code: another node of its job got no instance, and the job starts with all of them or not at all. */
export const JOB_INCOMPLETE = "JobIncomplete";
/** Our own code: `limits.maxNodes` leaves no room. */
export const LIMIT_MAX_NODES = "LimitMaxNodes";
/** Our own code: `limits.maxHourlyCost` leaves no room, or a price that it takes is not known. */
export const LIMIT_MAX_HOURLY_COST = "LimitMaxHourlyCost";
/** Our own code: `limits.maxDailyCost` is spent, or a price that it takes is not known. */
export const LIMIT_MAX_DAILY_COST = "LimitMaxDailyCost";
/** Our own code: `slurm-ec2 pause` has stopped launches. */
export const LAUNCHING_PAUSED = "LaunchingPaused";
/** Our own code: every subnet of the group lies in a zone that the configuration avoids, or may do so. */
export const ZONES_AVOIDED = "ZonesAvoided";
/** Our own code: EC2 does not show an instance any more that it showed before. */
export const INSTANCE_GONE = "InstanceGone";
/** Our own code: EC2 launched an instance without a private address, by which slurmctld could not reach its node. */
export const INSTANCE_WITHOUT_ADDRESS = "InstanceWithoutAddress";
/** Our own code: no credentials were found anywhere, or their source failed. */
export const CREDENTIALS_NOT_FOUND = "CredentialsNotFound";

/**
 * Which codes are of which class. Meanings: EC2 error codes
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html), instance state reasons
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html), SSM operations
 * (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html#API_PutParameter_Errors),
 * errors common to all services (https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html). Which
 * codes mean "this pool has no capacity" was compared with two systems that learnt it in production: Karpenter
 * (https://github.com/aws/karpenter-provider-aws/blob/main/pkg/errors/errors.go) and AWS ParallelCluster
 * (https://github.com/aws/aws-parallelcluster-node).
 */
const CODES: Readonly<Record<Exclude<ErrorClass, "unknown">, readonly string[]>> = {
  throttle: [
    "RequestLimitExceeded", // 503, yet never a word about capacity
    "EC2ThrottledException",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "TooManyUpdates", // SSM: another PutParameter is under way
    "SlowDown",
    "BandwidthLimitExceeded",
  ],
  pool: [
    "InsufficientInstanceCapacity",
    "InsufficientCapacity",
    "InsufficientCapacityOnHost",
    "InsufficientHostCapacity",
    "InsufficientReservedInstanceCapacity", // both spellings are documented
    "InsufficientReservedInstancesCapacity",
    "InsufficientVolumeCapacity",
    "ReservationCapacityExceeded",
    "UnfulfillableCapacity",
    "SpotMaxPriceTooLow",
    "Unsupported", // this type is not offered in this zone
    "VolumeTypeNotAvailableInZone",
    "IncompatibleHostRequirements",
    "UnavailableHostRequirements",
    "Server.SpotInstanceShutdown",
    "Server.SpotInstanceTermination",
  ],
  subnet: [
    "InsufficientFreeAddressesInSubnet",
    "InsufficientAddressCapacity",
    "PrivateIpAddressLimitExceeded",
    INSTANCE_WITHOUT_ADDRESS, // an instance has one of its subnet's from the first answer on
  ],
  quota: [
    "VcpuLimitExceeded",
    "InstanceLimitExceeded", // recently terminated instances still count for a while
    "MaxSpotInstanceCountExceeded",
    "MaxSpotFleetRequestCountExceeded",
    "MaxFleetCountExceeded",
    "MaxIOPSLimitExceeded",
    "VolumeLimitExceeded",
    "NetworkInterfaceLimitExceeded",
    "ResourceLimitExceeded",
    "TagLimitExceeded",
    "ParameterLimitExceeded",
    "ParameterMaxVersionLimitExceeded",
  ],
  permission: [
    "UnauthorizedOperation",
    "AuthFailure.ServiceLinkedRoleCreationNotPermitted", // the account's first spot instance
    "AccessDenied",
    "AccessDeniedException",
    "Blocked",
    "OptInRequired",
    "PendingVerification",
    "RegionDisabledException",
    "NotAuthorized",
  ],
  credentials: [
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidIdentityToken",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired", // mostly a wrong clock
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
    CREDENTIALS_NOT_FOUND,
  ],
  request: [
    CLIENT_FAILURE,
    ZONES_AVOIDED,
    "CustomerKeyHasBeenRevoked",
    "EncryptedVolumesNotSupported",
    "HierarchyLevelLimitExceededException",
    "HierarchyTypeMismatchException",
    "IdempotentParameterMismatch",
    "InstanceCreditSpecification.NotSupported",
    "InvalidKeyId", // SSM: the parameter's KMS key
    "OperationNotPermitted", // e.g. termination protection
    "ParameterAlreadyExists",
    "ParameterNotFound",
    "ParameterPatternMismatchException",
    "ParameterVersionNotFound",
    "UnknownParameter",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedParameterType",
    "ValidationError",
    "ValidationException",
    // Death at birth: the root volume's KMS key can't be used, or the image's snapshot is gone.
    // https://repost.aws/knowledge-center/kms-iam-ec2-permission
    "Client.InternalError",
    "Client.InvalidSnapshot.NotFound",
    "Client.InstanceTerminated",
  ],
  split: ["ResourceCountExceeded", "RequestResourceCountExceeded"],
  state: ["IncorrectInstanceState", "IncorrectState", "InvalidState"],
  "not-found": [
    "InvalidInstanceID.NotFound", // "does not mean the instance does not exist": eventual consistency
    "IdempotentInstanceTerminated", // the client token's instances have ended since
  ],
  transient: [
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "ServerInternal",
    "ServiceUnavailable",
    "Unavailable",
    "ConcurrentTagAccess",
    "IDPCommunicationError",
    "PriorRequestNotComplete",
    "Server.InternalError",
  ],
  network: [ENDPOINT_UNREACHABLE, INVALID_RESPONSE, RESPONSE_TIMEOUT],
  deadline: [REQUEST_ABORTED, LAUNCH_DEADLINE],
  "dry-run": ["DryRunOperation"],
  ended: [
    INSTANCE_GONE,
    JOB_INCOMPLETE,
    "Client.UserInitiatedShutdown",
    "Client.UserInitiatedHibernate",
    "Client.InstanceInitiatedShutdown",
    "Server.ScheduledStop",
  ],
  limit: [LIMIT_MAX_NODES, LIMIT_MAX_HOURLY_COST, LIMIT_MAX_DAILY_COST],
  paused: [LAUNCHING_PAUSED],
};

/** Families of codes too long to list, tried in this order once the table has no entry. */
const FAMILIES: readonly (readonly [pattern: RegExp, errorClass: ErrorClass])[] = [
  [/^Throttl/, "throttle"],
  [/^Unauthorized|^AccessDenied/, "permission"],
  [/^AuthFailure|^ExpiredToken/, "credentials"],
  [/^Insufficient\w*Capacity/, "pool"],
  [/LimitExceeded(Exception)?$/, "quota"],
  [/^(Invalid|Missing|Unknown|Unsupported|Malformed|Mismatched)/, "request"],
  [/\.(NotFound|Malformed|Duplicate|Unavailable|InUse|NotSupported)$/, "request"],
  [/NotSupported$/, "request"],
];

/** Every code in the table with its class, for tests and documentation. */
export const KNOWN_ERROR_CODES: readonly (readonly [code: string, errorClass: ErrorClass])[] = Object.entries(
  CODES,
)
  .flatMap(([errorClass, codes]) => codes.map((code) => [code, errorClass as ErrorClass] as const));

const CLASS_OF_CODE: ReadonlyMap<string, ErrorClass> = new Map(KNOWN_ERROR_CODES);

/**
 * Class of an AWS error code, of an instance's state reason (`Server.…`, `Client.…`) or of a code of ours.
 * EC2's documents write API codes with and without the `Client.` or `Server.` in front; both mean the same.
 */
export function errorClass(code: string): ErrorClass {
  const bare = code.replace(/^(Client|Server)\./, "");
  const known = CLASS_OF_CODE.get(code) ?? CLASS_OF_CODE.get(bare);
  return known ?? FAMILIES.find(([pattern]) => pattern.test(bare))?.[1] ?? "unknown";
}

/**
 * Class of a whole error: as {@link errorClass}, but an unknown code with a 5xx status is AWS's own fault, and
 * with 401 or 403 a refusal of the caller.
 */
export function classOfError(error: { readonly code: string; readonly httpStatus?: number }): ErrorClass {
  const known = errorClass(error.code);
  if (known !== "unknown" || error.httpStatus === undefined) return known;
  if (error.httpStatus >= 500) return "transient";
  return error.httpStatus === 401 || error.httpStatus === 403 ? "permission" : "unknown";
}

/** What an AWS error code, a state reason or a code of ours means: the rule of its {@link errorClass}. */
export function errorRule(code: string): ErrorRule {
  return ERROR_CLASSES[errorClass(code)];
}

/** Whether AWS refused a call for the keys that it was signed with: every other call fails, too. */
export function isAboutCredentials(code: string): boolean {
  return errorClass(code) === "credentials";
}

/** IAM, an organization's policy or the account's standing forbids it. */
export function isUnauthorized(code: string): boolean {
  return errorClass(code) === "permission";
}

/**
 * What the call names is not there, whatever its kind. For an instance this may also mean "not visible yet"
 * (https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html): never take it for "gone".
 */
export function isNotFound(code: string): boolean {
  return /(\.|^Parameter(Version)?)NotFound$/.test(code);
}

/** A dry run that would have been allowed: EC2 says so by an error. */
export function isDryRunAllowed(code: string): boolean {
  return errorClass(code) === "dry-run";
}

/**
 * The call may have been carried out although it failed: after a launch, only the same request with the same
 * client token tells.
 */
export function isOutcomeUnknown(code: string): boolean {
  return errorRule(code).outcomeUnknown;
}
