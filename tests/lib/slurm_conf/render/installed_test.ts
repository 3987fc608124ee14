import { assertEquals, assertStringIncludes } from "@std/assert";
import { compareInstalled, isDrift, unifiedDiff } from "../../../../lib/slurm_conf/render/installed.ts";

const OURS = "# a.conf for Slurm 24.05, written by slurm-ec2 (slurm-ec2 0.1.0)\n";
const file = { name: "a.conf", text: `${OURS}A=1\nB=2\n` };

Deno.test({
  name: "compareInstalled() tells new, same, changed and kept files",
  permissions: "none",
  fn() {
    const status = (installed: string | undefined, keepInstalled = false) =>
      compareInstalled({ ...file, keepInstalled }, "/etc/a.conf", installed).status;
    assertEquals(status(undefined), "new");
    assertEquals(status(file.text), "same");
    assertEquals(status("A=1\n"), "changed");
    assertEquals(status("A=1\n", true), "kept");
    assertEquals(status(undefined, true), "new");
  },
});

Deno.test({
  name: "compareInstalled() knows a file that somebody else wrote",
  permissions: "none",
  fn() {
    const isForeign = (installed: string) => compareInstalled(file, "/etc/a.conf", installed).isForeign;
    assertEquals(isForeign("A=1\n"), true);
    assertEquals(isForeign(""), true);
    assertEquals(isForeign(`A=1\n${OURS}`), true);
    assertEquals(isForeign(`${OURS}A=2\n`), false);
    assertEquals(isForeign(file.text), false);
  },
});

Deno.test({
  name: "isDrift() leaves the lines to paste alone unless they were installed",
  permissions: "none",
  fn() {
    const drift = (name: string, installed: string | undefined) =>
      isDrift(compareInstalled({ name, text: "A=1\n" }, name, installed));
    assertEquals(drift("slurm_nodes.conf", undefined), true);
    assertEquals(drift("slurm_nodes.conf", "A=1\n"), false);
    assertEquals(drift("slurm.conf.include", undefined), false);
    assertEquals(drift("slurm.conf.include", "A=2\n"), true);
  },
});

Deno.test({
  name: "unifiedDiff() leads from the installed file to the rendered one",
  permissions: "none",
  fn() {
    const diff = unifiedDiff(compareInstalled(file, "/etc/a.conf", `${OURS}A=1\nB=3\n`));
    assertEquals(diff.split("\n").filter((line) => !line.startsWith(" ")), [
      "--- /etc/a.conf",
      "+++ a.conf (rendered)",
      "@@ -1,3 +1,3 @@",
      "-B=3",
      "+B=2",
      "",
    ]);
    assertStringIncludes(unifiedDiff(compareInstalled(file, "/etc/a.conf", undefined)), "--- /dev/null");
    assertEquals(unifiedDiff(compareInstalled(file, "/etc/a.conf", file.text)), "");
  },
});
