import { assertEquals } from "@std/assert";
import { stateDirectories } from "../../../commands/install/request.ts";

const OWN = ["/s", "/s/deno", "/s/queue"];

for (
  const [what, logFile, paths] of [
    ["in the state", "/s/slurm-ec2.log", OWN],
    ["below the state", "/s/logs/slurm-ec2.log", ["/s", "/s/deno", "/s/logs", "/s/queue"]],
    ["elsewhere", "/var/log/slurm/a.log", [...OWN, "/var/log/slurm"]],
    ["above all", "/a.log", OWN],
  ] as const
) {
  Deno.test(`stateDirectories() of a log ${what}: outer ones first, the log's shared`, {
    permissions: "none",
  }, () => {
    const found = stateDirectories({ stateDir: "/s", logFile });
    assertEquals(found.map(({ path }) => path), [...paths]);
    assertEquals(
      found.filter(({ shared }) => shared === true).map(({ path }) => path),
      paths.filter((path) => !OWN.includes(path)),
    );
    assertEquals(found.filter(({ mode }) => mode !== 0o750), []);
  });
}
