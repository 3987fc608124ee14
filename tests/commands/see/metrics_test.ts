import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { metrics } from "../../../commands/see/metrics.ts";
import { parseFlags } from "../../../commands/base/command.ts";
import type { Host } from "../../../commands/base/host.ts";
import { InMemoryScontrol } from "../../../lib/slurm/scontrol_in_memory.ts";
import { checkJson } from "../check_output.ts";
import { fakeHost } from "../fake_host.ts";
import { withHistory } from "../../fixtures/history_file.ts";

const CONFIG = (stateDir: string) =>
  `cluster: test
region: us-east-1
stateDir: ${stateDir}
limits: { maxNodes: 7 }
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups: [{ name: compute, nodes: "c[0-3]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
`;

async function run(stateDir: string, args: readonly string[], names: readonly string[] = ["c0", "c1"]) {
  const printed = { stdout: "", stderr: "" };
  const files = new Map<string, string | Uint8Array | Error>([["./slurm-ec2.yaml", CONFIG(stateDir)]]);
  const host = fakeHost({}, files, printed);
  const scontrol = new InMemoryScontrol(names);
  if (names.length === 0) scontrol.showNodes = () => Promise.reject(new SyntaxError("no list"));
  const connect = { scontrol: () => Promise.resolve(scontrol) } as unknown as Host["connect"];
  const exit = await metrics.run({ ...host, now: Date.now, connect }, parseFlags(metrics, args));
  checkJson(["metrics", ...args], printed.stdout);
  return { exit, files, ...printed };
}

Deno.test("metrics prints figures, and writes them to a file", () =>
  withHistory(
    "test",
    [{ kind: "launched", clientToken: "t", asked: 3, got: 3, milliseconds: 1 }],
    async (dir) => {
      const { exit, stdout } = await run(dir, []);
      assertEquals(exit, 0);
      for (
        const line of [
          'slurm_ec2_nodes{cluster="test",group="compute",use="off"} 2',
          'slurm_ec2_recent_launched{cluster="test"} 3',
          'slurm_ec2_limit{cluster="test",limit="maxNodes"} 7',
        ]
      ) assertStringIncludes(stdout, `${line}\n`);
      const written = await run(dir, ["--output", "x.prom"]);
      assertEquals(written.stdout, "");
      assertStringIncludes(String(written.files.get("x.prom")), "slurm_ec2_state_readable");
      assert(JSON.parse((await run(dir, ["--json"])).stdout).samples.length > 5);
    },
  ));

Deno.test("metrics says what it could not learn, and is done all the same", async () => {
  const { exit, stdout } = await run("/nowhere", [], []);
  assertEquals(exit, 0);
  assertStringIncludes(stdout, 'slurm_ec2_state_readable{cluster="test"} 0');
  assertStringIncludes(stdout, 'slurm_ec2_slurmctld_answers{cluster="test"} 0');
});
