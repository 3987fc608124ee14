/** The simulated service's "no": code, words and HTTP status as AWS gives them; skins turn it into their own error. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  readonly httpStatus: number;

  constructor(code: string, message: string, httpStatus: number = httpStatusOf(code)) {
    super(message);
    this.code = code;
    this.httpStatus = httpStatus;
  }
}

/**
 * Codes that EC2 answers with something other than 400: its server errors, and authorization
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html; DryRunOperation is 412 in practice).
 */
const HTTP_STATUS: Readonly<Record<string, number>> = {
  AuthFailure: 401,
  DryRunOperation: 412,
  ExpiredToken: 403,
  InsufficientAddressCapacity: 500,
  InsufficientCapacity: 500,
  InsufficientCapacityOnHost: 500,
  InsufficientHostCapacity: 500,
  InsufficientInstanceCapacity: 500,
  InsufficientReservedInstanceCapacity: 500,
  InsufficientVolumeCapacity: 500,
  InternalError: 500,
  InternalFailure: 500,
  InternalServerError: 500,
  InvalidClientTokenId: 403,
  MissingAuthenticationToken: 403,
  OptInRequired: 401,
  RequestLimitExceeded: 503,
  ServerInternal: 500,
  ServiceUnavailable: 503,
  UnauthorizedOperation: 403,
  Unavailable: 503,
};

/** HTTP status that EC2 sends with an error code; 400 unless the code is a server's or an authorization's. */
export function httpStatusOf(code: string): number {
  return HTTP_STATUS[code] ?? 400;
}

/** What is asked for exists, but the simulator has no model of it: it says so in its own name. */
export function notModelled(what: string): Refusal {
  return new Refusal("UnsupportedOperation", `The simulator does not model ${what}`);
}

/** What a spot launch gets where the account's service-linked role for it is missing and may not be made. */
export function noSpotRole(): Refusal {
  return new Refusal(
    "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
    "The provided credentials do not have permission to create the service-linked role for EC2 Spot Instances.",
    403,
  );
}

/** What a call with DryRun gets when it would have succeeded. */
export function dryRun(): Refusal {
  return new Refusal("DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
}
