import type { HookState } from "../../lib/cluster/hook_state.ts";
import { makeRig } from "../fixtures/rig.ts";

/** Milliseconds of one resume, and how many of them went into the state directory. */
export interface StateCost {
  readonly wall: number;
  readonly state: number;
}

/** Resumes nodes in process at a latency, and adds up the time of every state operation: locks, claims, intents, hints. */
export async function stateCost(hostlist: string, latencyMs: number): Promise<StateCost> {
  const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  await using rig = await makeRig({ aws: { latencyMs, sleep } });
  let state = 0;
  const ports = rig.ports();
  const timed = new Proxy(ports.state, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]) => {
        const started = performance.now();
        try {
          return await member.apply(target, args);
        } finally {
          state += performance.now() - started;
        }
      };
    },
  }) as HookState;
  const started = performance.now();
  await rig.resume(hostlist, [], { ...ports, state: timed });
  return { wall: performance.now() - started, state };
}
