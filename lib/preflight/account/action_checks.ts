import { policyHelps } from "../../aws/causes.ts";
import { errorRule, type RefusalScope } from "../../aws/error_codes.ts";
import type { CheckResult } from "../check_result.ts";
import { adviceOn } from "../advice.ts";
import type { ProbedAction, ProbeOutcome } from "./probe_actions.ts";

/** What permissions are judged against. */
export interface ActionNeeds {
  /** How to get a permission that is missing: a command. */
  readonly attach: string;
  /** Whether a node group stops its instances. */
  readonly stops: boolean;
}

/** One finding for every action that was asked about, those that AWS refuses for another reason than IAM included. */
export function checkActions(probed: readonly ProbedAction[], needs: ActionNeeds): CheckResult[] {
  const launched = probed.some(({ action, outcome }) =>
    action === "ec2:RunInstances" && outcome.kind === "allowed"
  );
  return probed.map((one) => finding(one, needs, launched));
}

function finding(probed: ProbedAction, { attach, stops }: ActionNeeds, launched: boolean): CheckResult {
  const { action, of, outcome } = probed;
  const base = { check: "permissions", what: of === undefined ? action : `${action}, ${of}` };
  // A launch carries its tags, and EC2 asks IAM about both:
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
  if (action === "ec2:CreateTags" && launched) {
    return { ...base, status: "pass", evidence: "allowed: the launch that was asked about carries tags" };
  }
  switch (outcome.kind) {
    case "allowed":
      return {
        ...base,
        status: "pass",
        evidence: action.startsWith("ec2:") ? "allowed (dry run)" : "allowed",
      };
    case "unasked":
      return { ...base, status: "can't tell", evidence: outcome.why };
    case "unanswered":
      if (EXTRA.has(action)) {
        const evidence = `${outcome.code}: ${firstSentence(outcome.message)} (${
          PEOPLE[action]
        } need it, hooks don't)`;
        return { ...base, status: "info", evidence };
      }
      return {
        ...base,
        status: "can't tell",
        evidence: `${outcome.code}: ${firstSentence(outcome.message)}`,
        code: outcome.code,
        fix: adviceOn(outcome),
      };
    case "denied":
      return {
        ...base,
        ...denied(probed, outcome, stops),
        code: outcome.code,
        fix: policyHelps(outcome.message) ? attach : adviceOn(outcome),
      };
    case "refused":
      return { ...base, ...refused(action, outcome), fix: adviceOn(outcome) };
  }
}

type Said = Extract<ProbeOutcome, { readonly code: string }>;

/** What hooks need is missing; what only people's commands need is missed by them alone. */
function denied(
  { action, callers }: ProbedAction,
  { code, message }: Said,
  stops: boolean,
): Pick<CheckResult, "status" | "evidence"> {
  const evidence = `not allowed: ${code}: ${firstSentence(message)}`;
  if (/^ec2:(Start|Stop)Instances$/.test(action) && !stops) {
    return {
      status: "info",
      evidence: `${evidence} (no node group of this configuration stops its instances)`,
    };
  }
  if (callers === "hooks") return { status: "fail", evidence };
  return {
    status: EXTRA.has(action) ? "info" : "warn",
    evidence: `${evidence} (${PEOPLE[action] ?? "people's commands"} need it)`,
  };
}

/** What a site does well without. */
const EXTRA: ReadonlySet<string> = new Set([
  "ssm:GetParameter",
  "pricing:GetProducts",
  "servicequotas:ListServiceQuotas",
]);

/** Which of our commands make a call that no hook makes. */
const PEOPLE: Readonly<Record<string, string>> = {
  "ec2:DescribeInstanceTypes": "config render --aws and doctor",
  "ec2:DescribeInstanceTypeOfferings": "doctor",
  "ec2:DescribeSubnets": "ssm validate, config render --aws and doctor",
  "ec2:DescribeImages": "ssm validate and ssm put",
  "ec2:DescribeKeyPairs": "ssm validate and doctor",
  "ec2:DescribeSecurityGroups": "ssm validate and doctor",
  "ssm:GetParameter": "people who read a single parameter",
  "ssm:GetParametersByPath": "ssm validate, ssm diff and doctor",
  "pricing:GetProducts": "config render --aws and doctor --launch",
  "servicequotas:ListServiceQuotas": "doctor's quotas",
};

/** Whether hooks have another offering to try where a refusal speaks for this much. */
const NEXT_OFFERING_HELPS: Readonly<Record<RefusalScope, boolean>> = {
  "node": false,
  "pool": true,
  "subnet": true,
  "capacity-type": false,
  "group": false,
  "account": false,
};

/** A launch that EC2 would refuse fails tonight; of an instance in the wrong state nothing is known. */
function refused(action: string, { code, message }: Said): Pick<CheckResult, "status" | "evidence" | "code"> {
  const evidence = `${code}: ${firstSentence(message)}`;
  if (action !== "ec2:RunInstances") {
    return { status: "can't tell", evidence: `AWS refuses the request itself: ${evidence}` };
  }
  return NEXT_OFFERING_HELPS[errorRule(code).scope]
    ? {
      status: "warn",
      evidence: `EC2 would refuse this launch, and hooks try the next offering: ${evidence}`,
      code,
    }
    : { status: "fail", evidence: `EC2 would refuse this launch: ${evidence}`, code };
}

/** Without the encoded message, of some hundred characters, that only STS can read. */
function firstSentence(message: string): string {
  return message.split(/\s*Encoded authorization failure message/)[0]!.replace(/\.$/, "");
}
