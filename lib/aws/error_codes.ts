/**
 * What kind of "no" an error code is, which decides what is done about it:
 * `throttle` too many calls, capacity unknown; `pool` this type has no capacity in this zone for this capacity
 * type; `subnet` no free address; `quota` the account's limit; `permission` IAM or the account forbids it;
 * `credentials` who is calling is not known; `request` the request can't work as it is; `split` too much in one
 * call; `state` the instance is in a state that refuses this; `not-found` gone, or not visible yet; `transient`
 * AWS's own fault; `network` no valid answer came; `deadline` our own time limit ended the call; `dry-run` it
 * would have been allowed; `ended` stopped or terminated on purpose; `unknown` a code that no table of ours has.
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
  | "unknown";

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
/** Our own code: no credentials were found anywhere, or their source failed. */
export const CREDENTIALS_NOT_FOUND = "CredentialsNotFound";

/**
 * The one table. Meanings: EC2 error codes
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
  deadline: [REQUEST_ABORTED],
  "dry-run": ["DryRunOperation"],
  ended: [
    "Client.UserInitiatedShutdown",
    "Client.UserInitiatedHibernate",
    "Client.InstanceInitiatedShutdown",
    "Server.ScheduledStop",
  ],
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

/** Too many calls: wait for tokens, and conclude nothing about capacity. */
export function isThrottled(code: string): boolean {
  return errorClass(code) === "throttle";
}

/** The capacity pool (type, zone, capacity type) has nothing to give: another pool may. */
export function isInsufficientCapacity(code: string): boolean {
  return errorClass(code) === "pool";
}

/** The subnet has no free address: another subnet may. */
export function isSubnetFull(code: string): boolean {
  return errorClass(code) === "subnet";
}

/** A limit of the account: no other pool helps, a person must act. */
export function isQuota(code: string): boolean {
  return errorClass(code) === "quota";
}

/** IAM, an organization's policy or the account's standing forbids it. */
export function isUnauthorized(code: string): boolean {
  return errorClass(code) === "permission";
}

/** AWS does not know who is calling: no credentials, expired ones, or a clock that is wrong. */
export function isCredentials(code: string): boolean {
  return errorClass(code) === "credentials";
}

/** One call asked for too much: the same in smaller calls may work. */
export function isTooLarge(code: string): boolean {
  return errorClass(code) === "split";
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

/** The same call may succeed later without anyone doing anything. */
export function isRetryable(code: string): boolean {
  return ["throttle", "transient", "network"].includes(errorClass(code));
}

/**
 * The call may have been carried out although it failed: after a launch, only the same request with the same
 * client token tells.
 */
export function isOutcomeUnknown(code: string): boolean {
  return ["transient", "network", "deadline"].includes(errorClass(code));
}
