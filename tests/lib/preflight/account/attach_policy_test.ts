import { assertEquals, assertStringIncludes } from "@std/assert";
import { attachPolicy } from "../../../../lib/preflight/account/attach_policy.ts";

const account = "111122223333";

for (
  const [arn, command] of [
    [`arn:aws:iam::${account}:user/ops/ann`, "attach-user-policy --user-name ann --policy-arn arn:aws:iam::"],
    [
      `arn:aws-cn:sts::${account}:assumed-role/ctl/i-1`,
      "attach-role-policy --role-name ctl --policy-arn arn:aws-cn:iam::",
    ],
  ] as const
) {
  Deno.test(`attachPolicy() of ${arn} attaches a managed policy`, { permissions: "none" }, () => {
    const text = attachPolicy("/etc/slurm ec2.yaml", { account, arn });
    assertStringIncludes(text, `${command}${account}:policy/slurm-ec2`);
    assertStringIncludes(text, "slurm-ec2 iam policy --config '/etc/slurm ec2.yaml' > slurm-ec2.json && ");
  });
}

Deno.test(
  "attachPolicy() of a caller whose policies are not known prints only",
  { permissions: "none" },
  () => {
    const print = "slurm-ec2 iam policy --config c # attach what it prints to the caller";
    assertEquals(attachPolicy("c", undefined), print);
    assertEquals(attachPolicy("c", { account, arn: `arn:aws:iam::${account}:root` }), print);
  },
);
