import { assertEquals, assertStringIncludes } from "@std/assert";
import { unitCommands, unitFiles } from "../../../lib/install/units.ts";
import { missingPrograms, testWhere } from "../../test_where.ts";

const SYSTEMD = new URL("../../../deploy/systemd/", import.meta.url);
const templates = {
  suffix: "",
  service: Deno.readTextFileSync(new URL("slurm-ec2.service", SYSTEMD)),
  timer: Deno.readTextFileSync(new URL("slurm-ec2.timer", SYSTEMD)),
};
const notify = {
  suffix: "-notify",
  service: Deno.readTextFileSync(new URL("slurm-ec2-notify.service", SYSTEMD)),
  timer: Deno.readTextFileSync(new URL("slurm-ec2-notify.timer", SYSTEMD)),
};
const SITE = { prefix: "/opt/slurm/chip", cluster: "chip", user: "root" };

Deno.test("unitFiles() fills in prefix, cluster and user, and leaves nothing to fill in", {
  permissions: "none",
}, () => {
  const [service, timer] = unitFiles({ ...SITE, user: "slurm" }, templates);
  assertEquals([service!.path, timer!.path], ["etc/slurm-ec2-chip.service", "etc/slurm-ec2-chip.timer"]);
  assertStringIncludes(service!.text, "\nUser=slurm\n");
  assertStringIncludes(
    service!.text,
    "\nExecStart=/usr/bin/env -i /bin/sh /opt/slurm/chip/bin/supervisor --timer\n",
  );
  const others = unitFiles({ ...SITE, user: "slurm" }, notify);
  assertEquals(others.map(({ path }) => path), [
    "etc/slurm-ec2-chip-notify.service",
    "etc/slurm-ec2-chip-notify.timer",
  ]);
  assertStringIncludes(others[0]!.text, " /opt/slurm/chip/bin/slurm-ec2 notify\n");
  for (const { text } of [service!, timer!, ...others]) assertEquals(/@[A-Z]+@/.test(text), false);
});

Deno.test("unitFiles() takes a percent sign for itself", { permissions: "none" }, () => {
  const [service] = unitFiles({ ...SITE, prefix: "/opt/100%" }, templates);
  assertStringIncludes(service!.text, " /opt/100%%/bin/supervisor ");
});

Deno.test("unitCommands() enables the timer by its name", { permissions: "none" }, () => {
  assertEquals(unitCommands(SITE, templates).at(-1), "systemctl enable --now slurm-ec2-chip.timer");
  assertEquals(unitCommands(SITE, notify).at(-1), "systemctl enable --now slurm-ec2-chip-notify.timer");
});

testWhere(missingPrograms("systemd-analyze"), "systemd takes the units as they are filled in", async () => {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-units-" });
  try {
    const paths = [templates, notify].flatMap((pair) => unitFiles(SITE, pair)).map(({ path, text }) => {
      const file = `${dir}/${path.split("/").at(-1)}`;
      // systemd looks whether the program is there; it takes the unit apart all the same.
      Deno.writeTextFileSync(file, text);
      return file;
    });
    const { code, stderr } = await new Deno.Command("systemd-analyze", {
      args: ["verify", "--man=no", ...paths],
    }).output();
    assertEquals(new TextDecoder().decode(stderr).split("\n").filter((line) => line.includes(dir)), []);
    assertEquals(code, 0);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
