import { assertEquals, assertMatch } from "@std/assert";
import { checkCaller, checkUser, findInPasswd } from "../../../../lib/preflight/account/caller_checks.ts";
import type { CallerAnswer } from "../../../../lib/preflight/account/caller_checks.ts";
import type { AwsFile, CredentialSource } from "../../../../lib/preflight/account/credential_source.ts";

const ROLE: CredentialSource = { kind: "instance-role", says: "instance role" };
const PROFILE: CredentialSource = { kind: "profile", says: "profile", profile: "slurm" };
const found = (arn: string): CallerAnswer => ({ kind: "found", value: { account: "111122223333", arn } });
const failed = (code: string): CallerAnswer => ({ kind: "failed", code, message: "It is said." });

const CALLERS: readonly (readonly [arn: string, evidence: string])[] = [
  ["arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:user/ann, account 111122223333"],
  [
    "arn:aws:sts::111122223333:assumed-role/controller/i-0123456789abcdef0",
    "role controller, of instance i-0123456789abcdef0, account 111122223333",
  ],
  ["arn:aws:sts::111122223333:assumed-role/Admin/ann@x", "role Admin, as ann@x, account 111122223333"],
];

for (const [arn, evidence] of CALLERS) {
  Deno.test(`checkCaller() says who ${arn} is`, { permissions: "none" }, () => {
    const findings = checkCaller({ source: ROLE, files: [], answer: found(arn) });
    assertEquals(findings.map(({ status, what }) => `${status} ${what}`), [
      "info credentials",
      "pass caller",
    ]);
    assertEquals(findings[1]!.evidence, evidence);
  });
}

Deno.test("checkCaller() warns of the root user", { permissions: "none" }, () => {
  const findings = checkCaller({ source: ROLE, files: [], answer: found("arn:aws:iam::111122223333:root") });
  assertEquals(findings.at(-1)!.status, "warn");
});

const FAILURES: readonly (readonly [code: string, source: CredentialSource, status: string, fix: RegExp])[] =
  [
    ["ExpiredToken", PROFILE, "fail", /^aws sso login --profile slurm/],
    ["ExpiredToken", ROLE, "fail", /^hooks need credentials that renew themselves/],
    ["RequestExpired", ROLE, "fail", /renew/],
    ["CredentialsNotFound", ROLE, "fail", /instance role/],
    ["InvalidClientTokenId", PROFILE, "fail", /aws configure --profile slurm/],
    ["SignatureDoesNotMatch", PROFILE, "fail", /clock/],
    ["RequestTimeTooSkewed", PROFILE, "fail", /clock/],
    ["AccessDenied", PROFILE, "fail", /./],
    ["EndpointUnreachable", PROFILE, "can't tell", /Check DNS/],
    ["ThrottlingException", PROFILE, "can't tell", /./],
  ];

for (const [code, source, status, fix] of FAILURES) {
  Deno.test(`checkCaller() tells what ${code} of ${source.says} means`, { permissions: "none" }, () => {
    const finding = checkCaller({ source, files: [], answer: failed(code) }).find(({ what }) =>
      what === "caller"
    )!;
    assertEquals([finding.status, finding.code, finding.evidence], [status, code, `${code}: It is said`]);
    assertMatch(finding.fix!, fix);
  });
}

const FILES:
  readonly (readonly [state: AwsFile["state"], source: CredentialSource, told: readonly string[]])[] = [
    ["readable", PROFILE, []],
    ["missing", ROLE, []],
    ["forbidden", PROFILE, ["fail /c"]],
    ["forbidden", ROLE, ["warn /c"]],
    ["not-permitted", PROFILE, ["warn /c"]],
  ];

for (const [state, source, told] of FILES) {
  Deno.test(`checkCaller() of a file that is ${state} with ${source.says}`, { permissions: "none" }, () => {
    const files = [{ path: "/c", state, profiles: state === "readable" ? ["slurm"] : [] }];
    const findings = checkCaller({ source, files, answer: found("arn:aws:iam::111122223333:user/ann") });
    assertEquals(findings.filter(({ what }) => what === "/c").map(({ status }) => `${status} /c`), [...told]);
    assertEquals(findings.some(({ what, status }) => what === "credentials" && status === "fail"), false);
  });
}

const PASSWD = "root:x:0:0::/:/bin/sh\nslurm:x:990:990::/:/bin/false\nann:x:1000:1000::/:/bin/sh\n+\n";

const USERS: readonly (readonly [uid: number, wanted: string, status: string])[] = [
  [990, "slurm", "pass"],
  [1000, "slurm", "warn"],
  [0, "slurm", "warn"],
  // Users of a directory service are in no file: who is in it is not the other, else nothing is known.
  [1000, "slurmuser", "warn"],
  [5000, "slurmuser", "can't tell"],
  [5000, "slurm", "warn"],
];

for (const [uid, wanted, status] of USERS) {
  Deno.test(`checkUser() of ${uid} where ${wanted} is wanted is ${status}`, { permissions: "none" }, () => {
    const finding = checkUser({ wanted, ...findInPasswd(PASSWD, uid, wanted) }, "/c");
    assertEquals([finding.status, finding.code], [status, undefined]);
    if (status !== "pass") assertEquals(finding.fix, `sudo -u ${wanted} slurm-ec2 doctor --config /c`);
  });
}
