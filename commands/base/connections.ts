import { HelperRuns } from "../../lib/aws/helper_runs.ts";
import type { Host } from "./host.ts";

/** What a host asks: AWS, Slurm, and this machine by its programs. */
export type Connections = Omit<Host["connect"], "log" | "events">;

/** The real ones; each loads its client when it is asked for. */
export function connections(env: Host["env"]): Connections {
  const helperRuns = new HelperRuns();
  return {
    ec2: async (config) => (await import("../../lib/aws/ec2_client.ts")).ec2Client({ ...config, helperRuns }),
    ssm: async (config) => (await import("../../lib/aws/ssm_client.ts")).ssmClient({ ...config, helperRuns }),
    sts: async (config) => (await import("../../lib/aws/sts_client.ts")).stsClient({ ...config, helperRuns }),
    pricing: async (config) =>
      (await import("../../lib/aws/pricing_client.ts")).pricingClient({ ...config, helperRuns }),
    quotas: async (config) =>
      (await import("../../lib/aws/quotas_client.ts")).quotasClient({ ...config, helperRuns }),
    scontrol: async (config, options) =>
      (await import("../../lib/slurm/scontrol_process.ts")).scontrolProcess(config.slurm, options),
    sacct: async (config, timeLimit) => {
      const slurmConf = env("SLURM_CONF");
      const { sacctProcess } = await import("../../lib/slurm/sacct_process.ts");
      return sacctProcess(config.slurm, { ...(slurmConf !== undefined && { slurmConf }), timeLimit });
    },
    machine: async () => (await import("../../lib/preflight/machine/machine_process.ts")).machineProcess(),
  };
}
