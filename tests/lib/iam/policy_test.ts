import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  listOf,
  POLICY_LIMITS,
  policyDocument,
  policySize,
  splitPolicy,
  type Statement,
} from "../../../lib/iam/policy.ts";

const statement = (Sid: string, Resource: readonly string[]): Statement => ({
  Sid,
  Effect: "Allow",
  Action: "ec2:RunInstances",
  Resource,
});
const arns = (count: number) =>
  Array.from({ length: count }, (_, i) => `arn:aws:ec2:eu-west-1:*:subnet/subnet-${i}`);

Deno.test("policySize() counts no white space", { permissions: "none" }, () => {
  const policy = policyDocument([{ ...statement("A", ["x y\n z"]) }]);
  assertEquals(policySize(policy), JSON.stringify(policyDocument([statement("A", ["xy\\nz"])])).length - 1);
});

Deno.test("policyDocument() leaves out what has no resource", { permissions: "none" }, () => {
  assertEquals(
    policyDocument([undefined, statement("A", []), statement("B", ["*"])]).Statement.map(({ Sid }) => Sid),
    [
      "B",
    ],
  );
});

Deno.test("splitPolicy() keeps a small policy whole", { permissions: "none" }, () => {
  const policy = policyDocument([statement("A", arns(3)), statement("B", ["*"])]);
  assertEquals(splitPolicy(policy, POLICY_LIMITS.managed), [policy]);
});

Deno.test("splitPolicy() loses no resource, keeps each part within the limit and names apart", {
  permissions: "none",
}, () => {
  const policy = policyDocument([statement("A", arns(400)), statement("B", arns(2)), statement("C", ["*"])]);
  const parts = splitPolicy(policy, POLICY_LIMITS.managed);
  assertEquals(parts.length, Math.ceil(policySize(policy) / POLICY_LIMITS.managed));
  for (const part of parts) assert(policySize(part) <= POLICY_LIMITS.managed, `${policySize(part)}`);
  const statements = parts.flatMap((part) => part.Statement);
  assertEquals(new Set(statements.map(({ Sid }) => Sid)).size, statements.length);
  const resources = (name: string) =>
    statements.filter(({ Sid }) => Sid.startsWith(name)).flatMap(({ Resource }) => listOf(Resource));
  assertEquals([resources("A"), resources("B"), resources("C")], [arns(400), arns(2), ["*"]]);
});

Deno.test("splitPolicy() says which statement can't be split", { permissions: "none" }, () => {
  const error = assertThrows(
    () => splitPolicy(policyDocument([statement("Long", ["x".repeat(300)])]), 200),
    RangeError,
  );
  assertEquals((error as Error).message, "Statement Long does not fit into 200 characters, even alone");
});
