import { freshWorld, WORLD, type WorldOptions } from "../../../lib/sim/fresh_world.ts";
import type { Action, Actions } from "../../../lib/sim/actions.ts";
import { type Step, step } from "../../../lib/sim/step.ts";
import type { RunInstancesRequest } from "../../../lib/sim/run_instances_request.ts";
import type { World } from "../../../lib/sim/world.ts";
import type { SimInstance } from "../../../lib/sim/instances.ts";

/** A request that a fresh world grants, in its first subnet, but for what a test changes. */
export function launchRequest(changes: Partial<RunInstancesRequest> = {}): RunInstancesRequest {
  return {
    ImageId: WORLD.imageIds.x86_64,
    InstanceType: "c7i.large",
    MinCount: 1,
    MaxCount: 1,
    SubnetId: WORLD.subnetIds[0],
    ...changes,
  };
}

/** A world whose calls can be written one after the other; its clock stands still until it is moved. */
export class Story {
  world: World;
  now: number;

  constructor(options: WorldOptions = {}) {
    this.now = options.now ?? 1_000_000;
    this.world = freshWorld({ now: this.now, ...options });
  }

  step<A extends Action>(action: A, request: Actions[A]["request"]): Step<A> {
    const done = step(this.world, { action, request }, this.now);
    this.world = done.world;
    return done;
  }

  /** What the call answers; fails the test when it is refused. */
  answer<A extends Action>(action: A, request: Actions[A]["request"]): Actions[A]["answer"] {
    const done = this.step(action, request);
    if (done.kind === "refusal") {
      throw new Error(`${action} was refused: ${done.refusal.code}: ${done.refusal.message}`);
    }
    return done.answer;
  }

  /** The code that the call is refused with; fails the test when it is answered. */
  code<A extends Action>(action: A, request: Actions[A]["request"]): string {
    const done = this.step(action, request);
    if (done.kind === "answer") throw new Error(`${action} was answered: ${JSON.stringify(done.answer)}`);
    return done.refusal.code;
  }

  launch(changes: Partial<RunInstancesRequest> = {}): readonly SimInstance[] {
    return this.answer("RunInstances", launchRequest(changes)).instances;
  }

  states(): Record<string, string> {
    return Object.fromEntries(this.answer("DescribeInstances", {}).items.map((i) => [i.instanceId, i.state]));
  }
}

/** Ids of instances. */
export function idsOf(instances: readonly { readonly instanceId: string }[]): string[] {
  return instances.map(({ instanceId }) => instanceId);
}
