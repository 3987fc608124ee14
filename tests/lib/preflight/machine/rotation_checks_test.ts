import { assertEquals } from "@std/assert";
import { checkRotation, findRotation } from "../../../../lib/preflight/machine/rotation_checks.ts";
import { fakeMachine } from "./fake_machine.ts";
import { assertTold } from "./told.ts";

const LOG = { logFile: "/var/log/slurm/slurm-ec2.log", cluster: "chip" };
const MIB = 1024 * 1024;

Deno.test("checkRotation() warns of a large log that nothing rotates, and mentions a small one", {
  permissions: "none",
}, () => {
  assertTold(
    checkRotation({ ...LOG, size: 200 * MIB, rules: [] }),
    ["warn: nothing in /etc/logrotate.d"],
    "large",
  );
  assertTold(checkRotation({ ...LOG, size: MIB, rules: [] }), ["info: nothing in /etc/logrotate.d"], "small");
  assertTold(
    checkRotation({ ...LOG, size: MIB, rules: ["/etc/logrotate.d/x"] }),
    [`pass: ${LOG.logFile}`],
    "rotated",
  );
  assertEquals(checkRotation({ ...LOG, size: undefined, rules: [] }), []);
  assertEquals(checkRotation({ ...LOG, size: MIB, rules: undefined }), []);
});

Deno.test("findRotation() looks at the log and for what names it", { permissions: "none" }, async () => {
  const machine = fakeMachine({
    [`stat -L -c %s -- ${LOG.logFile}`]: "1048576\n",
    [`grep -rlsF -e ${LOG.logFile} -e /var/log/slurm/* /etc/logrotate.conf /etc/logrotate.d`]:
      "/etc/logrotate.d/slurm\n",
  });
  assertEquals(await findRotation(machine, LOG), { ...LOG, size: MIB, rules: ["/etc/logrotate.d/slurm"] });
  assertEquals(await findRotation(fakeMachine({}), LOG), { ...LOG, size: undefined, rules: [] });
});
