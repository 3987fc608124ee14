import type { Ec2Api } from "../lib/aws/ec2_api.ts";
import type { SsmApi } from "../lib/aws/ssm_api.ts";
import type { Config } from "../lib/config/model.ts";
import type { AskPorts } from "../lib/preflight/run.ts";
import type { Host } from "./host.ts";

/** All that the ssm commands ask AWS with. */
export interface SsmPorts extends AskPorts {
  readonly ec2: Ec2Api;
  readonly ssm: SsmApi;
}

/** The host's AWS, clock and chance. */
export async function askPorts(host: Host, config: Config): Promise<SsmPorts> {
  const [ec2, ssm] = await Promise.all([host.connect.ec2(config), host.connect.ssm(config)]);
  return {
    ec2,
    ssm,
    now: host.now,
    sleep: (milliseconds) => host.sleep(milliseconds, host.interrupted),
    random: Math.random,
  };
}
