import { assertEquals } from "@std/assert";
import { bootSteps, readBootComment } from "../../../lib/cluster/boot_steps.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

pure("readBootComment() reads what the guard writes, and nothing that a node could make up", () => {
  assertEquals(readBootComment("slurm-ec2 boot i-0123456789abcdef0: imds 4.21, names 5"), {
    instanceId: "i-0123456789abcdef0",
    steps: "imds 4.21, names 5",
  });
  for (
    const comment of [
      "rack 7",
      "slurm-ec2 boot i-1:",
      "slurm-ec2 boot i-1: imds <b>4</b>",
      "slurm-ec2 boot i-1: imds 4\u001b[31m",
      "slurm-ec2 boot i-1: imds 4, ",
      `slurm-ec2 boot i-1: ${Array.from({ length: 21 }, () => "a 1").join(", ")}`,
      "slurm-ec2 boot i-1: imds 12345678",
      "slurm-ec2 boot I 1: imds 4",
    ]
  ) assertEquals(readBootComment(comment), undefined, comment);
});

pure("bootSteps() says how long each step took that is over", () => {
  assertEquals(bootSteps("imds 4.5, mounts 6, dns 5, slurmd 9"), [
    { name: "imds", from: 4.5, seconds: 1.5 },
    // An uptime does not go back; what says so counts nothing.
    { name: "mounts", from: 6, seconds: 0 },
    { name: "dns", from: 5, seconds: 4 },
    { name: "slurmd", from: 9 },
  ]);
  assertEquals(bootSteps("<script>"), []);
});
