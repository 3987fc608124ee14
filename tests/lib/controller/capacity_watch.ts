import { classOfError, errorRule, isOutcomeUnknown } from "../../../lib/aws/error_codes.ts";
import type { RunInstancesInput } from "../../../lib/aws/ec2_api.ts";
import type { Fact } from "../../../lib/controller/fact.ts";
import type { Action } from "../../../lib/controller/action.ts";
import type { LaunchRecord } from "../../../lib/controller/state.ts";
import { World } from "./world.ts";

/** Milliseconds for which EC2 is not asked again for what it has just refused: so long, or `limits.cooldown` if shorter. */
const REST = 180_000;
/** How often a call that was refused for its size is halved. */
const HALVINGS = 4;

/** Something that EC2 has refused, by the worker's own knowledge. */
interface Out {
  readonly at: number;
  /** Launches that were decided on before: their answers may still come. */
  readonly before: ReadonlySet<string>;
}

/** A world that watches what EC2 is asked for: it knows nothing of lib/capacity, and judges by answers alone. */
export class WatchedWorld extends World {
  /** RunInstances calls that were sent. */
  launches = 0;
  /** Launches of an offering other than the group's first. */
  failovers = 0;
  /** Launches that brought fewer instances than asked for, or none. */
  misses = 0;
  /** Starts of the worker. */
  starts = 0;
  readonly #tokens = new Map<string, string>();
  readonly #out = new Map<string, Out>();

  /** To be called with every action when it is sent. */
  sent(action: Action): void {
    if (action.kind !== "run-instances") return;
    const launch = this.disk.launches.get(action.token);
    if (launch === undefined) return;
    this.launches++;
    const { input } = launch;
    const group = this.config.nodeGroups.find(({ name }) => name === launch.nodeGroup);
    if (input.InstanceType !== group?.instanceTypes[0] || input.SubnetId !== group.subnets[0]) {
      this.failovers++;
    }
    const text = JSON.stringify(input);
    const known = this.#tokens.get(action.token);
    if (known !== undefined && known !== text) {
      this.wrong.push(`token ${action.token} is used again with other parameters`);
    }
    this.#tokens.set(action.token, text);
    if (known !== undefined) return;
    const rest = Math.min(REST, this.config.limits.cooldown * 1_000);
    for (const key of this.#needs(input)) {
      const out = this.#out.get(key);
      if (out === undefined || out.before.has(action.token) || launch.at >= out.at + rest) continue;
      this.wrong.push(`${key} is asked for ${launch.at - out.at} ms after it was out`);
    }
  }

  override feed(facts: readonly Fact[]): void {
    if (this.alive) {
      for (const fact of facts) {
        if (fact.kind !== "launched" && fact.kind !== "launch-refused") continue;
        const launch = this.disk.launches.get(fact.token);
        if (launch !== undefined) this.#answered(launch, fact);
      }
    }
    super.feed(facts);
  }

  override start(): void {
    if (!this.alive) this.starts++;
    super.start();
  }

  #answered(launch: LaunchRecord, fact: Fact & { kind: "launched" | "launch-refused" }): void {
    if (fact.kind === "launch-refused" || fact.instances.length < launch.nodes.length) this.misses++;
    const clock = this.now - Date.UTC(2026, 0, 1);
    const before = new Set(this.disk.launches.keys());
    const [pool, subnet, quota, capacityType] = this.#needs(launch.input);
    const miss = (key: string | undefined) => key !== undefined && this.#out.set(key, { at: clock, before });
    if (fact.kind === "launched") {
      if (fact.instances.length < launch.nodes.length) miss(pool);
      else {
        for (const key of this.#needs(launch.input)) {
          if ((this.#out.get(key)?.at ?? Infinity) < launch.at) this.#out.delete(key);
        }
      }
      return;
    }
    const { code } = fact.refusal;
    if (launch.doubt || fact.unanswered || isOutcomeUnknown(code)) return;
    const isHalved = errorRule(code).smallerHelps && !launch.whole && launch.nodes.length > 1 &&
      launch.halvings < HALVINGS;
    if (isHalved) return;
    if (code === "AuthFailure.ServiceLinkedRoleCreationNotPermitted") miss(capacityType);
    else {
      const errorClass = classOfError({ code });
      if (errorClass === "pool") miss(pool);
      if (errorClass === "subnet") miss(subnet);
      if (errorClass === "quota") miss(quota);
    }
  }

  /** What has to have room for a launch: its pool or reservation, its subnet, its quota, its capacity type. */
  #needs(input: RunInstancesInput): readonly string[] {
    const { InstanceType, SubnetId = "", Placement, CapacityReservationSpecification } = input;
    const reservation = CapacityReservationSpecification?.CapacityReservationTarget?.CapacityReservationId;
    if (reservation !== undefined) return [`reservation ${reservation}`, `subnet ${SubnetId}`];
    const bought = input.InstanceMarketOptions === undefined ? "on-demand" : "spot";
    const zone = this.aws.simulator.world.network.subnets.get(SubnetId)?.availabilityZone;
    const group = Placement?.GroupName === undefined ? "" : ` in ${Placement.GroupName}`;
    return [
      `pool ${bought} ${InstanceType} ${zone}${group}`,
      `subnet ${SubnetId}`,
      `quota ${bought}`,
      `capacity type ${bought}`,
    ];
  }
}
