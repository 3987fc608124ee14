import { Refusal } from "./refusal.ts";
import type { Credentials } from "./world.ts";

/** The simulated services. */
export type Service = "ec2" | "ssm" | "sts" | "servicequotas";

const JSON_SERVICE = {
  expired: ["ExpiredTokenException", "The security token included in the request is expired", 400],
  invalid: ["UnrecognizedClientException", "The security token included in the request is invalid.", 400],
  missing: ["MissingAuthenticationTokenException", "Request is missing Authentication Token", 400],
} as const;

/**
 * What each service answers to credentials that are not good: EC2 has codes of its own
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html), the others those of every
 * service (Systems Manager and STS API references, "Common errors").
 */
const REFUSALS: Readonly<
  Record<
    Service,
    Readonly<Record<Exclude<Credentials, "valid"> | "missing", readonly [string, string, number]>>
  >
> = {
  ec2: {
    expired: ["RequestExpired", "Request has expired.", 400],
    invalid: ["AuthFailure", "AWS was not able to validate the provided access credentials", 401],
    missing: ["AuthFailure", "AWS was not able to validate the provided access credentials", 401],
  },
  ssm: JSON_SERVICE,
  servicequotas: JSON_SERVICE,
  sts: {
    expired: ["ExpiredToken", "The security token included in the request is expired", 403],
    invalid: ["InvalidClientTokenId", "The security token included in the request is invalid.", 403],
    missing: ["MissingAuthenticationToken", "Request is missing Authentication Token", 403],
  },
};

/** A service's refusal of expired, invalid or missing credentials. */
export function credentialsRefusal(
  service: Service,
  why: Exclude<Credentials, "valid"> | "missing",
): Refusal {
  const [code, message, status] = REFUSALS[service][why];
  return new Refusal(code, message, status);
}
