import { parseConfig } from "../../../lib/config/parse.ts";
import type { Config, Price } from "../../../lib/config/model.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import type { InMemoryOptions } from "../../../lib/sim/in_memory.ts";

/** Numbers from 0 to 1, without 1. */
export type Random = () => number;

/** A configuration, and what EC2 has for it. */
export interface CapacityCase {
  readonly names: readonly string[];
  readonly config: Config;
  readonly prices: ReadonlyMap<string, Price>;
  readonly aws: InMemoryOptions;
}

/** Instance types of one shape; all count against the same quota. */
const TYPES = ["c7i.large", "c6i.large", "m5.large"] as const;
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"] as const;
/** The quotas of their families, on demand and spot. */
const QUOTAS = ["L-1216C47A", "L-34B43A08"] as const;

/** The numbers from 0 to `below`, one of them. */
export function whole(random: Random, below: number): number {
  return Math.floor(random() * below);
}

/** One of several. */
export function pick<T>(random: Random, some: readonly T[]): T {
  return some[whole(random, some.length)]!;
}

/** Some of several, at least one, in any order. */
function some<T>(random: Random, all: readonly T[]): T[] {
  const shuffled = all.map((one) => [random(), one] as const).sort(([a], [b]) => a - b).map(([, one]) => one);
  return shuffled.slice(0, 1 + whole(random, all.length));
}

/** A random configuration of one to three groups, with limits, and a random inventory. */
export function capacityCase(random: Random, seed: number): CapacityCase {
  const groups = Array.from({ length: 1 + whole(random, 3) }, (_, i) => group(random, `g${i}`));
  const yaml = `
cluster: test
region: ${WORLD.region}
defaults: {os: {distribution: Rocky, version: 9}}
nodeGroups:
${groups.map(({ text }) => `  - ${text}`).join("\n")}
limits: ${JSON.stringify(limits(random))}
`;
  return {
    names: groups.flatMap(({ names }) => names),
    config: parseConfig(yaml, "case.yaml"),
    // Spot costs as much, so that any instance's price is known by its type.
    prices: new Map(TYPES.map((type, i) => [type, { onDemand: 0.1 * (i + 1), spot: 0.1 * (i + 1) }])),
    aws: {
      seed,
      pendingMs: 2_000,
      shuttingDownMs: 3_000,
      stoppingMs: 4_000,
      invisibleMs: pick(random, [0, 0, 3_000]),
      requestTokens: random() < 0.3,
      resourceTokens: random() < 0.3,
      wholeCallLimits: random() < 0.7,
      lacksSpotRole: random() < 0.1,
      capacity: inventory(random),
      addresses: addresses(random),
      quotas: quotas(random),
    },
  };
}

function group(random: Random, name: string): { readonly names: readonly string[]; readonly text: string } {
  const size = 1 + whole(random, 4);
  const capacityType = pick(random, ["on-demand", "on-demand", "spot", "spot-then-on-demand"]);
  const onDemand = capacityType === "on-demand";
  const settings = {
    name,
    nodes: `${name}n[0-${size - 1}]`,
    instanceTypes: some(random, TYPES),
    subnets: some(random, WORLD.subnetIds),
    capacityType,
    strategy: pick(random, ["all-or-nothing", "best-effort"]),
    ...(random() < 0.2 && { placementGroup: WORLD.placementGroupName }),
    ...(onDemand && random() < 0.25 && { capacityReservation: WORLD.capacityReservationId }),
    ...(onDemand && random() < 0.2 && { powerDownAction: "stop" }),
  };
  return {
    names: Array.from({ length: size }, (_, i) => `${name}n${i}`),
    text: JSON.stringify(settings),
  };
}

function limits(random: Random): Partial<Config["limits"]> {
  return {
    launchBatch: 1 + whole(random, 5),
    expectedBootSeconds: 20,
    cooldown: pick(random, [60, 180, 300]),
    launchCheckSeconds: 5,
    ...(random() < 0.3 && { maxNodes: 1 + whole(random, 8) }),
    ...(random() < 0.3 && { maxHourlyCost: Math.round(10 * (0.1 + random())) / 10 }),
  };
}

/** Room in pools: by type, zone and how it is bought, in the placement group, in the reservation. */
export function inventory(random: Random): Record<string, number> {
  const room: Record<string, number> = {};
  for (const type of TYPES) {
    for (const zone of ZONES) {
      for (const bought of ["", ":spot"]) {
        if (random() < 0.5) room[`${type}:${zone}${bought}`] = whole(random, 4);
        if (random() < 0.2) room[`${type}:${zone}${bought}@${WORLD.placementGroupName}`] = whole(random, 3);
      }
    }
  }
  if (random() < 0.7) room[WORLD.capacityReservationId] = whole(random, 3);
  return room;
}

function addresses(random: Random): Record<string, number> {
  return Object.fromEntries(WORLD.subnetIds.flatMap((id) => random() < 0.25 ? [[id, whole(random, 5)]] : []));
}

function quotas(random: Random): Record<string, number> {
  return Object.fromEntries(QUOTAS.flatMap((code) => random() < 0.25 ? [[code, 2 * whole(random, 7)]] : []));
}
