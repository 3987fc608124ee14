import { assertEquals, assertThrows } from "@std/assert";
import { AwsError } from "../../../../lib/aws/aws_error.ts";
import { actionsOf, type Reach } from "../../../../lib/iam/actions.ts";
import { checkActions } from "../../../../lib/preflight/account/action_checks.ts";
import { actionName, PROBES } from "../../../../lib/preflight/account/probe.ts";
import { judgeRefusal, type ProbedAction } from "../../../../lib/preflight/account/probe_actions.ts";

const REACHES: readonly Reach[] = ["launch", "tag", "own", "any", "read", "list", "write", "free"];

Deno.test("PROBES ask about every action that the policy is made of, and of free ones no other", {
  permissions: "none",
}, () => {
  const entries = Object.entries(PROBES).flatMap(([service, methods]) =>
    Object.entries(methods).map(([method, probe]) => [actionName(service, method), probe] as const)
  );
  assertEquals(entries.map(([action]) => action).sort(), REACHES.flatMap(actionsOf).sort());
  assertEquals(entries.filter(([, probe]) => probe === "free").map(([action]) => action), actionsOf("free"));
});

const error = (code: string, httpStatus?: number) =>
  new AwsError({ code, message: `${code} it is.`, operation: "RunInstances", httpStatus });

const JUDGED: readonly (readonly [code: string, kind: string])[] = [
  ["DryRunOperation", "allowed"],
  ["ParameterNotFound", "allowed"],
  ["UnauthorizedOperation", "denied"],
  ["AccessDeniedException", "denied"],
  ["OptInRequired", "denied"],
  ["Blocked", "denied"],
  ["AuthFailure", "refused"],
  ["InvalidAMIID.NotFound", "refused"],
  ["InvalidParameterValue", "refused"],
  ["VcpuLimitExceeded", "refused"],
  ["IncorrectInstanceState", "refused"],
  ["Novelty", "refused"],
  ["RequestLimitExceeded", "unanswered"],
  ["InternalError", "unanswered"],
  ["EndpointUnreachable", "unanswered"],
  ["RequestAborted", "unanswered"],
];

for (const [code, kind] of JUDGED) {
  Deno.test(`judgeRefusal() of ${code} is ${kind}`, { permissions: "none" }, () => {
    assertEquals(judgeRefusal(error(code)).kind, kind);
  });
}

Deno.test("judgeRefusal() knows no permission of somebody who is not known", { permissions: "none" }, () => {
  for (
    const code of ["ExpiredToken", "RequestExpired", "CredentialsNotFound", "UnrecognizedClientException"]
  ) {
    assertThrows(() => judgeRefusal(error(code)), AwsError);
  }
});

const NEEDS = { attach: "ATTACH", stops: false };
const denied = {
  kind: "denied",
  code: "UnauthorizedOperation",
  message: "No. Encoded authorization failure message: abc",
} as const;

const CHECKED:
  readonly (readonly [what: string, probed: ProbedAction, status: string, evidence: string, fix?: string])[] =
    [
      [
        "a hook's call",
        { action: "ec2:TerminateInstances", callers: "hooks", outcome: denied },
        "fail",
        "not allowed: UnauthorizedOperation: No",
        "ATTACH",
      ],
      [
        "a stop that no group wants",
        { action: "ec2:StopInstances", callers: "hooks", outcome: denied },
        "info",
        "not allowed: UnauthorizedOperation: No (no node group of this configuration stops its instances)",
        "ATTACH",
      ],
      [
        "a person's call",
        { action: "ec2:DescribeImages", callers: "people", outcome: denied },
        "warn",
        "not allowed: UnauthorizedOperation: No (ssm validate and ssm put need it)",
        "ATTACH",
      ],
      [
        "prices",
        { action: "pricing:GetProducts", callers: "people", outcome: denied },
        "info",
        "not allowed: UnauthorizedOperation: No (config render --aws and doctor --launch need it)",
        "ATTACH",
      ],
      [
        "prices that nobody answers for",
        {
          action: "pricing:GetProducts",
          callers: "people",
          outcome: { kind: "unanswered", code: "EndpointUnreachable", message: "far" },
        },
        "info",
        "EndpointUnreachable: far (config render --aws and doctor --launch need it, hooks don't)",
      ],
      [
        "an instance in the wrong state",
        {
          action: "ec2:StopInstances",
          callers: "hooks",
          outcome: { kind: "refused", code: "IncorrectInstanceState", message: "pending." },
        },
        "can't tell",
        "AWS refuses the request itself: IncorrectInstanceState: pending",
      ],
      [
        "a launch that can't work",
        {
          action: "ec2:RunInstances",
          callers: "hooks",
          outcome: { kind: "refused", code: "InvalidAMIID.NotFound", message: "No image." },
        },
        "fail",
        "EC2 would refuse this launch: InvalidAMIID.NotFound: No image",
      ],
      [
        "a launch that another zone may take",
        {
          action: "ec2:RunInstances",
          callers: "hooks",
          outcome: { kind: "refused", code: "Unsupported", message: "Not here." },
        },
        "warn",
        "EC2 would refuse this launch, and hooks try the next offering: Unsupported: Not here",
      ],
      [
        "nothing to ask about",
        { action: "ec2:StopInstances", callers: "hooks", outcome: { kind: "unasked", why: "none" } },
        "can't tell",
        "none",
      ],
    ];

for (const [what, probed, status, evidence, fix] of CHECKED) {
  Deno.test(`checkActions() of ${what} is ${status}`, { permissions: "none" }, () => {
    const [finding] = checkActions([probed], NEEDS);
    assertEquals([finding!.status, finding!.evidence], [status, evidence]);
    if (fix !== undefined) assertEquals(finding!.fix, fix);
  });
}

Deno.test("checkActions() takes a stop for needed where a group stops", { permissions: "none" }, () => {
  const [finding] = checkActions([{ action: "ec2:StopInstances", callers: "hooks", outcome: denied }], {
    ...NEEDS,
    stops: true,
  });
  assertEquals(finding!.status, "fail");
});
