import { assert, assertEquals, assertMatch } from "@std/assert";
import { REGISTRY } from "../../../commands/registry.ts";
import { SECTIONS } from "../../../commands/doctor/doctor.ts";
import { classAdvice, errorAdvice } from "../../../lib/aws/advice.ts";
import { causeAdvice, denialOf, policyHelps, type PolicyKind } from "../../../lib/aws/causes.ts";
import { ERROR_CLASSES, type ErrorClass } from "../../../lib/aws/error_codes.ts";
import { UNENFORCED } from "../../../lib/config/unenforced.ts";
import { leafKeys } from "../config/readers.ts";

const pure = { permissions: "none" } as const;

const CALL =
  "User: arn:aws:sts::111122223333:assumed-role/ctl/i-1 is not authorized to perform: ec2:RunInstances on resource: " +
  "arn:aws:ec2:eu-west-1:111122223333:instance/*";

/** The endings that the IAM user guide shows, the policy each names, and what its advice must and must not say. */
const DENIALS: readonly (readonly [ending: string, policy: PolicyKind, explicit: boolean, says: RegExp])[] = [
  [
    "because no identity-based policy allows the ec2:RunInstances action",
    "identity-based policy",
    false,
    /`iam policy` prints, and attach/,
  ],
  ["with an explicit deny in an identity-based policy", "identity-based policy", true, /no further Allow/],
  [
    "with an explicit deny in an identity-based policy: arn:aws:iam::111122223333:policy/x",
    "identity-based policy",
    true,
    /no further Allow/,
  ],
  [
    "with an explicit deny in a service control policy",
    "service control policy",
    true,
    /organization's admin/,
  ],
  [
    "with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1",
    "service control policy",
    true,
    /organization's admin/,
  ],
  [
    "because no service control policy allows the ec2:RunInstances action",
    "service control policy",
    false,
    /organization's admin/,
  ],
  [
    "with an explicit deny in a resource control policy",
    "resource control policy",
    true,
    /organization's admin/,
  ],
  ["with an explicit deny in a permissions boundary", "permissions boundary", true, /get-role --role-name/],
  [
    "because no permissions boundary allows the ec2:RunInstances action",
    "permissions boundary",
    false,
    /get-role --role-name/,
  ],
  ["with an explicit deny in a VPC endpoint policy", "VPC endpoint policy", true, /describe-vpc-endpoints/],
  [
    "because no VPC endpoint policy allows the ssm:GetParameters action",
    "VPC endpoint policy",
    false,
    /vpc-endp/,
  ],
  ["with an explicit deny in a session policy", "session policy", true, /IAM Roles Anywhere/],
  ["because no session policy allows the ec2:RunInstances action", "session policy", false, /Anywhere/],
  ["with an explicit deny in a resource-based policy", "resource-based policy", true, /its owner must/],
  ["because no resource-based policy allows the kms:Decrypt action", "resource-based policy", false, /owner/],
];

for (const [ending, policy, explicit, says] of DENIALS) {
  Deno.test(`errorAdvice() of a call refused ${ending.slice(0, 60)}`, pure, () => {
    const message = `You are not authorized to perform this operation. ${CALL} ${ending}`;
    assertEquals(denialOf(message), { policy, explicit });
    assertMatch(errorAdvice({ code: "UnauthorizedOperation", message }), says);
    const missing = policy === "identity-based policy" && !explicit;
    assertEquals(policyHelps(message), missing);
    assertEquals(/iam policy/.test(errorAdvice({ code: "AccessDeniedException", message })), missing);
  });
}

Deno.test("errorAdvice() of a refusal that names no policy is that of its class", pure, () => {
  const old = { code: "UnauthorizedOperation", message: "You are not authorized to perform this operation." };
  assertEquals(denialOf(old.message), undefined);
  assert(policyHelps(old.message));
  assert(!policyHelps(`${CALL} with an explicit deny`));
  assertEquals(errorAdvice(old), classAdvice("permission"));
});

/** Errors whose cause stands in their code or words: [code, message, what the advice says, what it must not say]. */
const CAUSES: readonly (readonly [code: string, message: string, says: RegExp, never?: RegExp])[] = [
  [
    "EndpointUnreachable",
    'EC2 RunInstances could not reach "https://x": self-signed certificate',
    /DENO_TLS_CA_STORE=/,
  ],
  [
    "EndpointUnreachable",
    'EC2 RunInstances could not reach "https://x": unable to get local issuer certificate',
    /NODE_EXTRA_CA_CERTS/,
  ],
  [
    "EndpointUnreachable",
    "invalid peer certificate: UnknownIssuer",
    /AWS_CA_BUNDLE and ca_bundle are not read/,
  ],
  ["EndpointUnreachable", "connect ECONNREFUSED", /Check DNS/, /DENO_TLS/],
  [
    "CredentialsNotFound",
    "No AWS credentials for EC2 RunInstances: looked in …: Your session has expired. Please reauthenticate.",
    /aws login --profile/,
    /sso login/,
  ],
  [
    "CredentialsNotFound",
    "Failed to load a token for session arn:aws:sts::1:x, please re-authenticate using aws login",
    /aws login --profile/,
  ],
  [
    "CredentialsNotFound",
    "Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.",
    /aws sso login --profile/,
  ],
  [
    "CredentialsNotFound",
    "The SSO session associated with this profile is invalid. To refresh this SSO session run aws sso login with the corresponding profile.",
    /aws sso login --profile/,
  ],
  [
    "CredentialsNotFound",
    "No AWS credentials for EC2 RunInstances: looked in x",
    /^AWS was not asked/,
    /AMI|clock/,
  ],
  ["AuthFailure", "Not authorized for images: [ami-0123]", /not shared with this account/],
  [
    "AuthFailure",
    "AWS was not able to validate the provided access credentials",
    /does not accept/,
    /image/i,
  ],
  ["RequestExpired", "Request has expired.", /host's clock/],
  ["ExpiredTokenException", "The security token included in the request is expired", /renew themselves/],
  [
    "Client.InternalError",
    "Client error on launch",
    /KMS key .*`ssm validate` says which images are encrypted/,
  ],
  ["InvalidKMSKey.InvalidState", "The KMS key provided is in an incorrect state", /KMS key/],
  [
    "Client.InstanceInitiatedShutdown",
    "",
    /powered itself off.*get-console-output/,
    /CloudTrail shows the caller|by a call/,
  ],
  ["Client.UserInitiatedShutdown", "", /stopped or terminated by a call .* CloudTrail shows the caller/],
  ["InvalidCapacityReservationId.NotFound", "", /`doctor --only permissions`/, /ssm validate/],
  ["InvalidPlacementGroup.Unknown", "", /`doctor --only permissions`/],
];
for (const [code, message, says, never] of CAUSES) {
  Deno.test(`errorAdvice() of ${code}: ${message.slice(0, 70)}`, pure, () => {
    const advice = errorAdvice({ code, message });
    assertMatch(advice, says);
    if (never) assert(!never.test(advice), advice);
    assertMatch(advice, /^[A-Z].*[^.]$/);
  });
}

/** All that is ever advised. */
function everyAdvice(): string[] {
  const classes = Object.keys(ERROR_CLASSES) as ErrorClass[];
  return [
    ...classes.map(classAdvice),
    ...CAUSES.flatMap(([code, message]) => causeAdvice({ code, message }) ?? []),
    ...DENIALS.map(([ending]) =>
      errorAdvice({ code: "UnauthorizedOperation", message: `${CALL} ${ending}` })
    ),
  ];
}

Deno.test("advice names commands, flags and sections of doctor that there are", async () => {
  const commands = new Map(
    await Promise.all(
      Object.entries(REGISTRY).map(async ([name, { load }]) => [name, await load()] as const),
    ),
  );
  const named = everyAdvice().flatMap((advice) => [...advice.matchAll(/`([^`]+)`/g)].map(([, text]) => text!))
    .filter((text) => !text.startsWith("aws "));
  assert(named.length > 5, named.join());
  for (const text of named) {
    const words = text.split(" ");
    const name = [words.slice(0, 2).join(" "), words[0]!].find((one) => commands.has(one));
    assert(name !== undefined, `${text} is not a command`);
    const rest = words.slice(name.split(" ").length);
    const flags = rest.filter((word) => word.startsWith("--")).map((flag) => flag.slice(2));
    const known = commands.get(name)!.flags.map((flag) => flag.name);
    assertEquals(flags.filter((flag) => !known.includes(flag)), [], text);
    if (flags[0] === "only") assert(SECTIONS.some((section) => section.name === rest[1]), text);
  }
});

Deno.test("advice names keys of slurm-ec2.yaml that there are and that are obeyed", () => {
  const keys = leafKeys();
  for (const advice of everyAdvice()) {
    for (
      const [, key] of advice.replace(/https:\S+/g, "").matchAll(
        /\b((?:limits|aws|slurm|dns|ssm)\.[A-Za-z]+)\b/g,
      )
    ) {
      assert(keys.some((known) => known === key || known.startsWith(`${key}.`)), `${key}: ${advice}`);
    }
    // The first of a list is obeyed, so that its key may be named.
    const whole = UNENFORCED.filter(({ key, property }) => key.endsWith(property));
    for (const { property } of whole) assert(!advice.includes(property), `${property}: ${advice}`);
    // Until further types and subnets are tried, more of them are not a cure.
    if (UNENFORCED.some(({ property }) => property === "instanceTypes")) {
      assert(!/add (?:more )?(?:instance types|subnets)/i.test(advice), advice);
    }
  }
});

/** What advice says that `ssm validate` checks, and the names of its checks. */
const VALIDATED: Readonly<Record<string, string>> = {
  "images": "image",
  "key pairs": "key-pair",
  "security groups": "security-group",
  "subnets": "subnet",
  "SSM parameters": "parameter",
  "which images are encrypted": "encryption",
};

Deno.test("advice says of ssm validate only what it checks", async () => {
  const checks = new Set<string>();
  const folder = new URL("../../../lib/preflight/parameters/", import.meta.url);
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(new URL(name, folder));
    for (const [, check] of text.matchAll(/\bcheck: "([^"]+)"|refusedFinding\("([^"]+)"/g)) {
      if (check) checks.add(check);
    }
    for (const [, check] of text.matchAll(/const CHECK = "([^"]+)"/g)) checks.add(check!);
  }
  const claims = everyAdvice().flatMap((advice) =>
    [...advice.matchAll(/`ssm validate` (?:checks ([^;]*?), and|says (which [^;]*))/g)].flatMap((
      [, list, which],
    ) => which ?? list!.split(/, | and /))
  );
  assert(claims.length >= 6, claims.join());
  for (const claim of claims) {
    assert(checks.has(VALIDATED[claim] ?? ""), `"${claim}" is not one of ${[...checks].join(", ")}`);
  }
});
