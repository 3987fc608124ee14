import { assertEquals } from "@std/assert";
import { bootTail } from "../../../lib/power_down/console.ts";

const pure = { permissions: "none" } as const;

Deno.test("bootTail() finds the boot script's own word on what failed", pure, () => {
  const output =
    "[    0.0] Linux\r\n[   12.3] boot[612]: slurm-ec2: boot failed: mount nas1:/home: timed out \r\nlogin: ";
  assertEquals(bootTail(output), { lines: output, failure: "mount nas1:/home: timed out" });
});

Deno.test("bootTail() takes the last word when a boot failed twice", pure, () => {
  assertEquals(bootTail("slurm-ec2: boot failed: first\nslurm-ec2: boot failed: second\n").failure, "second");
});

Deno.test("bootTail() has no failure where the script never said one", pure, () => {
  assertEquals(bootTail("Kernel panic - not syncing"), { lines: "Kernel panic - not syncing" });
  assertEquals(bootTail(""), { lines: "" });
});

Deno.test("bootTail() keeps the end of a long console, and a failure said before it", pure, () => {
  const output = `slurm-ec2: boot failed: no munge key\n${"x".repeat(10_000)}the end`;
  const { lines, failure } = bootTail(output);
  assertEquals([lines.length, lines.slice(-7), failure], [4000, "the end", "no munge key"]);
});
