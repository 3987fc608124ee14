// A start of resume, step by step: does as many steps as its argument says, and ends. tests/bench/start_bench.ts
// bundles it as the program is bundled, and takes the differences.
import { realHost } from "../../commands/base/real_host.ts";

const [steps, config] = [Number(Deno.args[0]), Deno.args[1]!];
const host = realHost();

async function commandOf() {
  const { resume } = await import("../../commands/hooks/resume.ts");
  const { parseFlags } = await import("../../commands/base/command.ts");
  return { resume, flags: parseFlags(resume, ["--config", config, "c0"]) };
}

async function configOf() {
  const { loadConfig } = await import("../../commands/base/load_config.ts");
  return loadConfig(host, { get: () => config });
}

const STEPS: readonly (() => Promise<unknown>)[] = [
  commandOf,
  configOf,
  async () => {
    const { resume, flags } = await commandOf();
    const { grantsFor } = await import("../../commands/base/restrict.ts");
    return await grantsFor(host, resume, flags);
  },
  () =>
    Promise.all([
      import("node:process"),
      import("node:https"),
      import("node:crypto"),
      import("node:fs/promises"),
      import("node:os"),
    ]),
  () => Promise.all([import("../../lib/aws/ec2_client.ts"), import("../../lib/aws/ssm_client.ts")]),
  async () => {
    const { ec2, ssm } = host.connect;
    return await Promise.all([ec2(await configOf()), ssm(await configOf())]);
  },
  async () => {
    const scontrol = await host.connect.scontrol(await configOf());
    return await Promise.all([scontrol.showConfig(), scontrol.showPartitions()]);
  },
  async () => {
    const ssm = await host.connect.ssm(await configOf());
    return await ssm.getParameters({ Names: ["/none"] });
  },
  async () => {
    const ec2 = await host.connect.ec2(await configOf());
    return await ec2.describeInstances({ InstanceIds: ["i-0123456789abcdef0"] }).catch(() => {});
  },
];

for (const step of STEPS.slice(0, steps)) await step();
Deno.exit(0);
