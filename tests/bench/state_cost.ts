import { HookState } from "../../lib/cluster/hook_state.ts";
import { makeRig } from "../fixtures/rig.ts";

/** Milliseconds of one resume with its state directory, and of one without. */
export interface StateCost {
  readonly withState: number;
  readonly without: number;
}

/**
 * Resumes nodes in process at a latency twice, one after the other: with locks, claims, intents and hints on the
 * disk, and with a state directory that can't be made, so that none of it happens.
 */
export async function stateCost(hostlist: string, latencyMs: number): Promise<StateCost> {
  return {
    withState: await resume(hostlist, latencyMs, true),
    without: await resume(hostlist, latencyMs, false),
  };
}

async function resume(hostlist: string, latencyMs: number, keepState: boolean): Promise<number> {
  const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  await using rig = await makeRig({ aws: { latencyMs, sleep } });
  const ports = rig.ports();
  const nowhere = new HookState("/dev/null/nowhere", rig.config.cluster, ports.log);
  const started = performance.now();
  await rig.resume(hostlist, [], keepState ? ports : { ...ports, state: nowhere });
  return performance.now() - started;
}
