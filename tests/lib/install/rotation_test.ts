import { assertEquals, assertStringIncludes } from "@std/assert";
import { rotationCommand, rotationFile } from "../../../lib/install/rotation.ts";

const template = Deno.readTextFileSync(new URL("../../../deploy/logrotate/slurm-ec2", import.meta.url));
const SITE = {
  prefix: "/opt/slurm/chip",
  cluster: "chip",
  logFile: "/var/log/a b/x.log",
  user: "root",
  group: "root",
};

Deno.test("rotationFile() fills in the log and its owner", { permissions: "none" }, () => {
  const { path, text } = rotationFile({ ...SITE, user: "slurm", group: "hpc" }, template)!;
  assertEquals(path, "etc/slurm-ec2-chip.logrotate");
  assertStringIncludes(text, '\n"/var/log/a b/x.log" {\n    su slurm hpc\n');
  assertStringIncludes(text, "\n    create 0640 slurm hpc\n");
  assertEquals(/@[A-Z]+@/.test(text), false);
  assertStringIncludes(rotationCommand(SITE), ` /opt/slurm/chip/${path} /etc/logrotate.d/slurm-ec2-chip`);
});

Deno.test("rotationFile() makes no rule for a path that logrotate would read otherwise", {
  permissions: "none",
}, () => {
  for (const logFile of ["/var/log/*.log", '/var/log/a"b', "/var/log/{a}"]) {
    assertEquals(rotationFile({ ...SITE, logFile }, template), undefined);
  }
});
