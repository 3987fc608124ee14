import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { report } from "../../../commands/see/report.ts";
import { parseFlags } from "../../../commands/base/command.ts";
import { checkJson } from "../check_output.ts";
import { fakeHost } from "../fake_host.ts";
import { withHistory } from "../../fixtures/history_file.ts";
import { NIGHT } from "../../lib/see/report/sample_report.ts";

const CONFIG = (stateDir: string) =>
  `cluster: test
region: us-east-1
stateDir: ${stateDir}
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups: [{ name: compute, nodes: "c[0-3]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
`;

async function run(stateDir: string, args: readonly string[]) {
  const printed = { stdout: "", stderr: "" };
  const files = new Map<string, string | Uint8Array | Error>([["./slurm-ec2.yaml", CONFIG(stateDir)]]);
  const host = fakeHost({}, files, printed);
  const exit = await report.run({ ...host, now: () => Date.now() + 1000 }, parseFlags(report, args)).catch((
    error,
  ) => {
    printed.stderr = error.message;
    return error.name;
  });
  checkJson(["report", ...args], printed.stdout);
  return { exit, files, ...printed };
}

const EVENTS = NIGHT.map(([, body]) => body);

Deno.test("report prints a page for the terminal, JSON with its schema, and a page with charts", () =>
  withHistory("test", EVENTS, async (dir) => {
    const text = await run(dir, ["--since", "1h"]);
    assertEquals(text.exit, 0);
    assertStringIncludes(text.stdout, "10 nodes were asked for, 5 instances launched in 2 calls");
    const json = JSON.parse((await run(dir, ["--json", "--redact"])).stdout);
    assertEquals([json.cluster, json.launches], ["cluster", 2]);
    const page = await run(dir, ["--html", "out.html"]);
    assertEquals([page.exit, page.stdout], [0, ""]);
    assert(String(page.files.get("out.html")).startsWith("<!doctype html>"));
  }));

Deno.test("report says that there is no history", async () => {
  const { exit, stderr } = await run("/nowhere", []);
  assertEquals(exit, "CommandError");
  assertMatch(stderr, /^There is no \/nowhere\/state\.db: .*; ask on slurmctld's host/);
});
