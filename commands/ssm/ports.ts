import type { Ec2Api } from "../../lib/aws/ec2_api.ts";
import { CALL_LIMITS, limitCalls } from "../../lib/aws/limit_calls.ts";
import type { SsmApi } from "../../lib/aws/ssm_api.ts";
import type { Config } from "../../lib/config/model.ts";
import type { AskPorts } from "../../lib/preflight/parameters/run.ts";
import type { Host } from "../base/host.ts";
import { type Progress, watchCalls } from "../base/progress.ts";

/** All that the ssm commands ask AWS with. */
export interface SsmPorts extends AskPorts {
  readonly ec2: Ec2Api;
  readonly ssm: SsmApi;
}

/** The host's EC2 and SSM, with the hooks' limits on each call, clock and chance; a bar counts the calls. */
export async function askPorts(host: Host, config: Config, bar: Progress): Promise<SsmPorts> {
  const watched = watchCalls(bar);
  const [ec2, ports] = [await host.connect.ec2(config), await portsWith(host, config, watched)];
  return { ...ports, ec2: watched(limitCalls(ec2, CALL_LIMITS.ec2)) };
}

/** The same without EC2. */
export async function readPorts(host: Host, config: Config, bar: Progress): Promise<Omit<SsmPorts, "ec2">> {
  return await portsWith(host, config, watchCalls(bar));
}

async function portsWith(
  host: Host,
  config: Config,
  watched: ReturnType<typeof watchCalls>,
): Promise<Omit<SsmPorts, "ec2">> {
  return {
    ssm: watched(limitCalls(await host.connect.ssm(config), CALL_LIMITS.ssm)),
    now: host.now,
    sleep: (milliseconds) => host.sleep(milliseconds, host.interrupted),
    random: Math.random,
  };
}
