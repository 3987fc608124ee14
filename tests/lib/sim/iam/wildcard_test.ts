import { assertEquals } from "@std/assert";
import { fits, literal } from "../../../../lib/sim/iam/wildcard.ts";

const CASES: readonly (readonly [pattern: string, text: string, fits: boolean])[] = [
  ["*", "", true],
  ["*", "arn:aws:ec2:::instance/i-1", true],
  ["ec2:Describe*", "ec2:DescribeImages", true],
  ["ec2:Describe*", "ec2:RunInstances", false],
  ["i-?", "i-1", true],
  ["i-?", "i-", false],
  ["i-?", "i-12", false],
  ["a.b", "axb", false],
  ["a+(b)[c]", "a+(b)[c]", true],
  ["my${*}key", "my*key", true],
  ["my${*}key", "my-other-key", false],
  ["${$}{x}", "${x}", true],
  ["two\nlines*", "two\nlines\nmore", true],
  ["part", "a part of", false],
];

for (const [pattern, text, expected] of CASES) {
  Deno.test(
    `fits() ${expected ? "takes" : "refuses"} ${JSON.stringify(text)} for ${JSON.stringify(pattern)}`,
    {
      permissions: "none",
    },
    () => assertEquals(fits(pattern, text), expected),
  );
}

Deno.test("fits() ignores case only when asked to", { permissions: "none" }, () => {
  assertEquals([fits("EC2:run*", "ec2:RunInstances"), fits("EC2:run*", "ec2:RunInstances", true)], [
    false,
    true,
  ]);
});

Deno.test("literal() takes escaped wildcards for themselves", { permissions: "none" }, () => {
  assertEquals(literal("a${*}b${?}c${$}"), "a*b?c$");
});
