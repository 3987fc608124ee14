import { assertEquals } from "@std/assert";
import { readPolicy } from "../../../../lib/sim/iam/read_policy.ts";

const pure = { permissions: "none" } as const;
const GOOD = { Sid: "Own", Effect: "Allow", Action: "ec2:RunInstances", Resource: "*" };
const policy = (changes: object, more: object = {}) => ({
  Version: "2012-10-17",
  Statement: [{ ...GOOD, ...changes }],
  ...more,
});

Deno.test("readPolicy() takes one or several of everything, and values that are not texts", pure, () => {
  const { statements, problems } = readPolicy({
    Version: "2012-10-17",
    Id: "mine",
    Statement: {
      Effect: "Deny",
      NotAction: ["iam:*", "*"],
      NotResource: ["arn:aws:ec2:*"],
      Condition: {
        "ForAllValues:StringLikeIfExists": { "aws:TagKeys": ["a*"] },
        Bool: { "kms:GrantIsForAWSResource": true },
      },
    },
  });
  assertEquals(problems, []);
  assertEquals(statements, [{
    effect: "Deny",
    action: { not: true, patterns: ["iam:*", "*"] },
    resource: { not: true, patterns: ["arn:aws:ec2:*:*:*"] },
    conditions: [
      {
        quantifier: "ForAllValues",
        operator: "StringLike",
        ifExists: true,
        key: "aws:TagKeys",
        values: ["a*"],
      },
      { operator: "Bool", ifExists: false, key: "kms:GrantIsForAWSResource", values: ["true"] },
    ],
  }]);
});

const MISTAKES: readonly (readonly [policy: unknown, problem: string])[] = [
  ["text", "is not a policy: a JSON object is wanted"],
  [policy({}, { Version: "2020-01-01" }), 'Version: "2020-01-01" is not one that IAM knows (2012-10-17)'],
  [
    policy({}, { Statements: [] }),
    "Statements: an element that the simulator does not know (did you mean Statement?)",
  ],
  [{ Version: "2012-10-17" }, "Statement: is missing"],
  [{ Version: "2012-10-17", Statement: [] }, "Statement: is missing"],
  [{ Version: "2012-10-17", Statement: ["x"] }, "Statement[0]: is not a statement: an object is wanted"],
  [policy({ Sid: "Own instances" }), 'Statement[0].Sid: letters and digits are wanted, not "Own instances"'],
  [
    { Version: "2012-10-17", Statement: [GOOD, GOOD] },
    'Statement[1].Sid: "Own" is that of Statement[0], too',
  ],
  [policy({ Effect: "allow" }), 'Statement[0].Effect: Allow or Deny is wanted, not "allow"'],
  [policy({ Principal: "*" }), "Statement[0].Principal: an element that the simulator does not know"],
  [policy({ Action: undefined }), "Statement[0]: needs either Action or NotAction"],
  [policy({ NotAction: "ec2:*" }), "Statement[0]: needs either Action or NotAction"],
  [policy({ Action: [] }), "Statement[0].Action: names nothing"],
  [
    policy({ Action: "RunInstances" }),
    'Statement[0].Action: "RunInstances" is not an action (e.g. ec2:RunInstances)',
  ],
  [policy({ Action: {} }), "Statement[0].Action: a text or a list of texts is wanted, not {}"],
  [
    policy({ Resource: "instance/*" }),
    'Statement[0].Resource: "instance/*" is not a resource: an ARN or * is wanted',
  ],
  [
    policy({ Resource: "arn:aws:iam::1:user/${aws:username}" }),
    'Statement[0].Resource: "arn:aws:iam::1:user/${aws:username}" has the variable ${aws:username}, which the simulator does not know',
  ],
  [
    policy({ Resource: "arn:aws:ec2:::key-pair/a${*}" }, { Version: "2008-10-17" }),
    'Statement[0].Resource: "arn:aws:ec2:::key-pair/a${*}" has a variable, which needs "Version": "2012-10-17"',
  ],
  [policy({ Condition: [] }), "Statement[0].Condition: an object is wanted"],
  [
    policy({ Condition: { StringEqual: { "aws:RequestTag/a": "b" } } }),
    "Statement[0].Condition.StringEqual: a condition operator that the simulator does not know (did you mean StringEquals?)",
  ],
  [
    policy({ Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }),
    "Statement[0].Condition.IpAddress: a condition operator that the simulator does not know",
  ],
  [
    policy({ Condition: { StringEquals: { "ec2:InstanceTyp": "c7i.large" } } }),
    "Statement[0].Condition.StringEquals.ec2:InstanceTyp: a condition key that the simulator does not know (did you mean ec2:InstanceType?)",
  ],
  [
    policy({ Condition: { StringEquals: { "aws:TagKeys": "a" } } }),
    "Statement[0].Condition.StringEquals.aws:TagKeys: has several values, the operator needs ForAllValues: or ForAnyValue:",
  ],
  [policy({ Condition: { StringEquals: "x" } }), "Statement[0].Condition.StringEquals: an object is wanted"],
];

for (const [given, problem] of MISTAKES) {
  Deno.test(`readPolicy() says: ${problem}`, pure, () => {
    assertEquals(readPolicy(JSON.parse(JSON.stringify(given))).problems, [problem]);
  });
}

Deno.test("readPolicy() tells all problems at once", pure, () => {
  const { problems } = readPolicy(policy({ Effect: "x", Action: "y", Sids: 1 }));
  assertEquals(problems.length, 3);
});
