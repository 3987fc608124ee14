import { didYouMean } from "../../lib/base/did_you_mean.ts";
import { subnetProblem } from "../../lib/sim/addresses.ts";
import { freshWorld, WORLD, worldZones } from "../../lib/sim/fresh_world.ts";
import { poolProblem } from "../../lib/sim/pools.ts";
import { VCPU_QUOTAS } from "../../lib/sim/quotas.ts";
import type { WireOptions } from "../../lib/sim/wire/server.ts";
import type { World } from "../../lib/sim/world.ts";
import { UsageError } from "../base/command.ts";

/**
 * Checks that the world has what the options name, and can have what they add.
 * @throws {UsageError} naming the flag whose value is wrong.
 */
export function checkOptions(options: WireOptions): void {
  checkSubnets(options.region ?? WORLD.region, options.subnets ?? []);
  const world = freshWorld(options);
  const unsupported = options.unsupported?.map((pair) => `${pair.instanceType}:${pair.availabilityZone}`);
  checkPools("capacity", Object.keys(options.capacity ?? {}), world);
  checkPools("unsupported", unsupported ?? [], world);
  checkNames(world, options);
}

function checkPools(flag: string, pools: readonly string[], world: World): void {
  for (const pool of pools) {
    const problem = poolProblem(world, pool);
    if (problem === undefined) continue;
    if (problem.noun === "form") {
      throw new UsageError(
        `Capacity pool "${pool}" is not TYPE:ZONE, TYPE:ZONE:spot, either with @GROUP for a placement group, or ` +
          "the id of a capacity reservation",
      );
    }
    throw unknown(flag, problem);
  }
}

/** Names that the world has to have: of subnets, and of quotas. */
function checkNames(world: World, { addresses = {}, quotas = {} }: WireOptions): void {
  const subnets = [...world.network.subnets.keys()];
  for (const id of Object.keys(addresses)) {
    if (!subnets.includes(id)) throw unknown("addresses", { noun: "subnet", name: id, known: subnets });
  }
  const codes = VCPU_QUOTAS.map(([code]) => code);
  for (const code of Object.keys(quotas)) {
    if (!codes.includes(code)) throw unknown("quota-code", { noun: "vCPU quota", name: code, known: codes });
  }
}

/** Subnets that a VPC of AWS's could have (VPC user guide, "Subnet sizing"). */
function checkSubnets(region: string, subnets: NonNullable<WireOptions["subnets"]>): void {
  const zones = worldZones(region).map(({ zoneName }) => zoneName);
  for (const [index, { availabilityZone, cidrBlock }] of subnets.entries()) {
    if (!zones.includes(availabilityZone)) {
      throw unknown("subnet", { noun: "zone", name: availabilityZone, known: zones });
    }
    const others = [...WORLD.subnetCidrBlocks, ...subnets.slice(0, index).map((other) => other.cidrBlock)];
    const problem = subnetProblem(cidrBlock, { within: WORLD.vpcCidrBlock, others });
    if (problem !== undefined) throw new UsageError(`Flag --subnet can't make "${cidrBlock}": ${problem}`);
  }
}

function unknown(
  flag: string,
  { noun, name, known }: { readonly noun: string; readonly name: string; readonly known: readonly string[] },
): UsageError {
  const guess = didYouMean(name, known);
  return new UsageError(
    `Unknown ${noun} in --${flag}: "${name}"${guess ? ` (did you mean ${guess}?)` : ""}`,
  );
}
