import { assertEquals } from "@std/assert";
import { historyPrune } from "../../../commands/see/history_prune.ts";
import { parseFlags } from "../../../commands/base/command.ts";
import { checkJson } from "../check_output.ts";
import { fakeHost } from "../fake_host.ts";
import { withHistory } from "../../fixtures/history_file.ts";

const CONFIG = (stateDir: string) =>
  `cluster: test
region: us-east-1
stateDir: ${stateDir}
history: { days: 30 }
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups: [{ name: compute, nodes: "c[0-3]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
`;

async function run(stateDir: string, args: readonly string[], days: number) {
  const printed = { stdout: "", stderr: "" };
  const host = fakeHost({ files: { "./slurm-ec2.yaml": CONFIG(stateDir) } }, undefined, printed);
  const now = () => Date.now() + days * 86_400_000;
  const work = async () => await historyPrune.run({ ...host, now }, parseFlags(historyPrune, args));
  const exit = await work().catch((error) => error.name);
  checkJson(["history", "prune", ...args], printed.stdout);
  return [exit, printed.stdout];
}

Deno.test("history prune keeps as many days as the configuration or --days says", () =>
  withHistory("test", [{ kind: "trouble", message: "x" }, { kind: "trouble", message: "y" }], async (dir) => {
    const [exit, text] = await run(dir, [], 29);
    assertEquals([exit, /^Dropped 0 events; 2 are left, the oldest of 20/.test(text as string)], [0, true]);
    assertEquals(await run(dir, ["--json", "--days", "7"], 8), [0, `{"dropped":2,"left":0}\n`]);
    assertEquals(await run(dir, [], 99), [0, "Dropped 0 events; 0 are left\n"]);
    assertEquals(await run("/nowhere", [], 0), ["CommandError", ""]);
  }));
