import { CREDENTIALS_NOT_FOUND, ENDPOINT_UNREACHABLE } from "./error_codes.ts";

/** What was seen of an error: the code that decides its class, and the words that may name the cause. */
export interface SeenError {
  /** AWS's code, an instance's state reason, or one of ours. */
  readonly code: string;
  /** AWS's words, or ours. */
  readonly message?: string;
}

/** Policies that IAM names when one of them denies a call. */
export type PolicyKind =
  | "identity-based policy"
  | "resource-based policy"
  | "service control policy"
  | "resource control policy"
  | "permissions boundary"
  | "VPC endpoint policy"
  | "session policy";

/** Which policy denied a call, and whether by a `Deny` or by allowing nothing. */
export interface Denial {
  readonly policy: PolicyKind;
  readonly explicit: boolean;
}

/**
 * The policy that a refusal names; undefined where its words name none, as those of older messages.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html#access-denied-error-examples
 */
export function denialOf(message: string): Denial | undefined {
  const [, explicit, missing] =
    /(?:with an explicit deny in (?:an? |the )?([\w -]+?(?:policy|boundary))|because no ([\w -]+?(?:policy|boundary)) allows)/i
      .exec(message) ?? [];
  const named = (explicit ?? missing)?.toLowerCase();
  const policy = POLICY_KINDS.find((kind) =>
    kind.toLowerCase() === named?.replace(/boundaries$/, "boundary")
  );
  return policy && { policy, explicit: explicit !== undefined };
}

/** Whether a refusal may go away by attaching the printed policy to the caller. */
export function policyHelps(message: string): boolean {
  const denial = denialOf(message);
  return denial === undefined
    ? !/explicit deny/i.test(message)
    : denial.policy === "identity-based policy" && !denial.explicit;
}

/** What to do where a policy of each kind forbids a call. */
const FORBIDDEN_BY: Readonly<Record<PolicyKind, string>> = {
  "identity-based policy":
    "A Deny in a policy of this role or user forbids the call: no further Allow changes that. Find the statement in " +
    "its attached and inline policies, and its groups'",
  "resource-based policy":
    "The policy of the resource itself, such as a KMS key's, does not let this caller in: its owner must change it",
  "service control policy":
    "A service control policy of the organization forbids the call: no policy of this account can allow it. Ask " +
    "the organization's administrators, with the action and Region of the message",
  "resource control policy":
    "A resource control policy of the organization forbids the call: no policy of this account can allow it. Ask " +
    "the organization's administrators, with the action and resource of the message",
  "permissions boundary":
    "The permissions boundary of this role or user does not allow the call, whatever its policies say. Add the " +
    "action to the boundary: aws iam get-role --role-name ROLE shows which it is",
  "VPC endpoint policy":
    "The policy of the VPC endpoint does not allow the call. Add the action to it: aws ec2 describe-vpc-endpoints " +
    "shows it",
  "session policy":
    "The session's own policy does not allow the call: it comes with the credentials (a profile of IAM Roles " +
    "Anywhere, or sts assume-role --policy), not with the role",
};

const POLICY_KINDS = Object.keys(FORBIDDEN_BY) as readonly PolicyKind[];

const MISSING_ALLOW =
  "No policy of this role or user allows the call. Compare its policies with what `iam policy` prints, " +
  "and attach that";

/** A cause that the code and words of an error name by themselves. */
interface Cause {
  readonly code: RegExp;
  readonly words?: RegExp;
  readonly advice: string;
}

/** The first that fits holds; an error that fits none has its class's advice. */
const CAUSES: readonly Cause[] = [
  {
    // Node's codes and OpenSSL's words: https://nodejs.org/api/tls.html#x509-certificate-error-codes, and rustls'.
    code: exactly(ENDPOINT_UNREACHABLE),
    words: /certificate|UnknownIssuer|CERT_|SELF_SIGNED|unable to (?:get|verify)/i,
    advice:
      "This host does not trust the endpoint's certificate. Put the certificate authority of the endpoint or proxy " +
      "into the system's own bundle and set DENO_TLS_CA_STORE=mozilla,system in hooks.env, or name its file by " +
      "NODE_EXTRA_CA_CERTS; AWS_CA_BUNDLE and ca_bundle are not read",
  },
  {
    // https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html
    code: exactly(CREDENTIALS_NOT_FOUND),
    words: /aws login|your session has expired|login_session|reauthenticate|Failed to load token from/i,
    advice:
      "The session of `aws login` has ended. As the user that slurmctld runs as: aws login --profile PROFILE. Hooks " +
      "need credentials that renew themselves: an instance role, or IAM Roles Anywhere",
  },
  {
    code: exactly(CREDENTIALS_NOT_FOUND),
    words: /\bSSO\b|token is expired/i,
    advice:
      "The SSO session has ended. As the user that slurmctld runs as: aws sso login --profile PROFILE. Hooks need " +
      "credentials that renew themselves: an instance role, or IAM Roles Anywhere",
  },
  {
    code: exactly(CREDENTIALS_NOT_FOUND),
    advice:
      "AWS was not asked: there are no credentials where the message says. Set aws.profile or aws.credentialsFile, " +
      "see that the user that slurmctld runs as may read the file, or give this host an instance role",
  },
  {
    code: /^AuthFailure$/,
    words: /image|\bami\b/i,
    advice:
      "The image is not shared with this account: its owner shares it (aws ec2 modify-image-attribute " +
      "--launch-permission), or `ssm put` writes the id of a copy",
  },
  {
    code:
      /^(?:RequestExpired|RequestInTheFuture|RequestTimeTooSkewed|SignatureDoesNotMatch|InvalidSignature)/,
    advice:
      "AWS does not take the request's signature. Compare this host's clock with the true time (chronyc tracking), " +
      "then the secret key with the one that AWS issued",
  },
  {
    code: /^(?:ExpiredToken|TokenRefreshRequired)/,
    advice:
      "The credentials have expired. Hooks need credentials that renew themselves: an instance role, or IAM Roles " +
      "Anywhere",
  },
  {
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html#troubleshooting-launch-internal
    code: /^Client\.InternalError$|KMS/i,
    advice:
      "Most often the KMS key of the image's snapshot or of the volume can't be used: it is another account's, is " +
      "disabled, or its policy or the caller's does not allow it. `ssm validate` says which images are encrypted; " +
      "`iam policy --kms-key KEY` prints what the caller needs, and another account's key policy must allow this one",
  },
  {
    code: /^Client\.InstanceInitiatedShutdown$/,
    advice:
      "The instance powered itself off, which is not a call that CloudTrail shows. Its console says why: aws ec2 " +
      "get-console-output --latest --instance-id ID",
  },
  {
    code: /^Client\.UserInitiated/,
    advice: "The instance was stopped or terminated by a call of EC2's API. CloudTrail shows the caller",
  },
  {
    code: /^Invalid(?:CapacityReservation|PlacementGroup)/,
    advice:
      "The capacity reservation or placement group can't be used so: see its zone, instance type and state. " +
      "`doctor --only permissions` asks EC2 about each node group's launch",
  },
];

function exactly(code: string): RegExp {
  return new RegExp(`^${code}$`);
}

/** What to do about the cause that an error names itself; undefined where only its class is known. */
export function causeAdvice({ code, message = "" }: SeenError): string | undefined {
  const denial = denialOf(message);
  if (denial !== undefined) return policyHelps(message) ? MISSING_ALLOW : FORBIDDEN_BY[denial.policy];
  return CAUSES.find((cause) => cause.code.test(code) && (cause.words?.test(message) ?? true))?.advice;
}
