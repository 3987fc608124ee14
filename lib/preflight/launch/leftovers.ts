import type { Instance } from "../../aws/instance.ts";
import type { CheckResult } from "../check_result.ts";
import { shellWord } from "../parameters/value_checks.ts";

/** An instance of a test launch that nobody ended. */
export type Leftover = Pick<Instance, "instanceId" | "instanceType" | "state" | "launchTime">;

/** Milliseconds after which no test launch is still at work. */
const TEST_LAUNCH_MS_MAX = 3_600_000;

/** Did an earlier test launch leave instances behind? */
export function checkLeftovers(found: readonly Leftover[], region: string, now: number): CheckResult[] {
  if (found.length === 0) {
    return [{
      check: "launch",
      status: "pass",
      what: "earlier test launches",
      evidence: "left nothing behind",
    }];
  }
  const [old, young] = [true, false].map((isOld) => found.filter((one) => isOld === isLeftover(one, now)));
  return [
    ...old!.map((one): CheckResult => ({
      check: "launch",
      status: "fail",
      what: one.instanceId,
      evidence: `${one.instanceType} of an earlier doctor --launch, ${one.state} since ${
        new Date(one.launchTime).toISOString()
      }: it costs money`,
      fix: terminateCommand(region, [one.instanceId]),
    })),
    ...young!.map((one): CheckResult => ({
      check: "launch",
      status: "warn",
      what: one.instanceId,
      evidence: `${one.instanceType} of a doctor --launch that began less than an hour ago, ${one.state}`,
      fix: `${terminateCommand(region, [one.instanceId])} # unless that doctor is still at work`,
    })),
  ];
}

/** Whether no test launch that is still at work can have launched it. */
export function isLeftover({ launchTime }: Leftover, now: number): boolean {
  return now - launchTime > TEST_LAUNCH_MS_MAX;
}

/** The command that ends instances. */
export function terminateCommand(region: string, ids: readonly string[]): string {
  return `aws ec2 terminate-instances --region ${region} --instance-ids ${ids.map(shellWord).join(" ")}`;
}
