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

/** The host's EC2 and SSM, clock and chance. */
export async function askPorts(host: Host, config: Config): Promise<SsmPorts> {
  return { ...await readPorts(host, config), ec2: await host.connect.ec2(config) };
}

/** The same without EC2. */
export async function readPorts(host: Host, config: Config): Promise<Omit<SsmPorts, "ec2">> {
  return {
    ssm: await host.connect.ssm(config),
    now: host.now,
    sleep: (milliseconds) => host.sleep(milliseconds, host.interrupted),
    random: Math.random,
  };
}
