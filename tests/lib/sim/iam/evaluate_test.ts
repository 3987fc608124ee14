import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { evaluate } from "../../../../lib/sim/iam/evaluate.ts";
import { readPolicy } from "../../../../lib/sim/iam/read_policy.ts";

const ASKED = {
  action: "ec2:StopInstances",
  resource: "arn:aws:ec2:us-east-1:111122223333:instance/i-1",
  context: {},
};
const ALLOW = { Effect: "Allow", Action: "*", Resource: "*" };

const verdict = (...Statement: readonly object[]) => {
  const { statements, problems } = readPolicy({ Version: "2012-10-17", Statement });
  assertEquals(problems, []);
  return evaluate(statements, ASKED);
};

const CASES: readonly (readonly [what: string, verdict: string, statements: readonly object[]])[] = [
  ["denies what nothing allows", "not allowed", [{ ...ALLOW, Action: "ec2:StartInstances" }]],
  ["allows what one statement allows", "allowed", [{ ...ALLOW, Action: "ssm:*" }, ALLOW]],
  ["lets a Deny outweigh every Allow", "explicitly denied", [ALLOW, {
    ...ALLOW,
    Effect: "Deny",
    Action: "ec2:*",
  }]],
  ["passes over a Deny of something else", "allowed", [ALLOW, {
    ...ALLOW,
    Effect: "Deny",
    Action: "ec2:Start*",
  }]],
  ["ignores the case of an action", "allowed", [{ ...ALLOW, Action: "EC2:stopinstances" }]],
  ["takes all actions but those of NotAction", "allowed", [{
    Effect: "Allow",
    NotAction: "iam:*",
    Resource: "*",
  }]],
  ["takes none of NotAction", "not allowed", [{
    Effect: "Allow",
    NotAction: ["ec2:*", "x:y"],
    Resource: "*",
  }]],
  ["takes all resources but those of NotResource", "not allowed", [
    { Effect: "Allow", Action: "*", NotResource: "arn:aws:ec2:*:*:instance/*" },
  ]],
  ["minds the case of a resource", "not allowed", [{ ...ALLOW, Resource: "arn:aws:ec2:*:*:Instance/*" }]],
  ["fills in what an ARN lacks at its end", "allowed", [{ ...ALLOW, Resource: "arn:aws:ec2" }]],
  ["wants all conditions to hold", "not allowed", [
    {
      ...ALLOW,
      Condition: {
        StringNotEquals: { "aws:RequestedRegion": "x" },
        StringEquals: { "aws:RequestedRegion": "y" },
      },
    },
  ]],
];

for (const [what, expected, statements] of CASES) {
  Deno.test(
    `evaluate() ${what}`,
    { permissions: "none" },
    () => assertEquals(verdict(...statements), expected),
  );
}

const patterns = fc.uniqueArray(
  fc.constantFrom("*", "ec2:*", "ec2:Stop*", "ec2:StopInstances", "ssm:*", "ec2:Start?nstances"),
  { minLength: 1 },
);
const resources = fc.uniqueArray(
  fc.constantFrom("*", "arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:us-east-1:*:volume/*", ASKED.resource),
  { minLength: 1 },
);
const statement = (Effect: "Allow" | "Deny") =>
  fc.tuple(patterns, fc.boolean(), resources, fc.boolean()).map(([some, notAction, what, notResource]) => ({
    Effect,
    [notAction ? "NotAction" : "Action"]: some,
    [notResource ? "NotResource" : "Resource"]: what,
  }));
const policy = fc.array(fc.oneof(statement("Allow"), statement("Deny")), { minLength: 1, maxLength: 6 });

Deno.test("evaluate() never denies for one Allow more, nor allows for one Deny more", () => {
  const allowed = (statements: readonly object[]) => verdict(...statements) === "allowed";
  fc.assert(fc.property(policy, statement("Allow"), statement("Deny"), (before, allow, deny) => {
    if (allowed(before)) assertEquals(allowed([...before, allow]), true);
    else assertEquals(allowed([...before, deny]), false);
  }));
});

Deno.test("evaluate() looks at no statement's place", () => {
  fc.assert(fc.property(policy, (statements) => {
    assertEquals(verdict(...statements.toReversed()), verdict(...statements));
  }));
});
