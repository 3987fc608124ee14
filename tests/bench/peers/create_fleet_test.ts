import { assertEquals, assertThrows } from "@std/assert";
import { Refusal } from "../../../lib/sim/refusal.ts";
import { query } from "../../../lib/sim/wire/query.ts";
import { type FleetRequest, fleetRequest, launchFleet } from "./create_fleet.ts";

const pure = { permissions: "none" } as const;
const first = { instanceType: "c7i.large", subnetId: "subnet-1" };
const second = { instanceType: "c6i.large", subnetId: "subnet-1" };

Deno.test("fleetRequest() reads what ParallelCluster asks for", pure, () => {
  const parameters = new URLSearchParams({
    Type: "instant",
    "LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName": "bench-queue-c7i",
    "LaunchTemplateConfigs.1.Overrides.1.InstanceType": "c7i.large",
    "LaunchTemplateConfigs.1.Overrides.1.SubnetId": "subnet-1",
    "TargetCapacitySpecification.TotalTargetCapacity": "10",
    "TargetCapacitySpecification.DefaultTargetCapacityType": "on-demand",
    "OnDemandOptions.MinTargetCapacity": "7",
  });
  assertEquals(fleetRequest(query(parameters)), {
    template: "bench-queue-c7i",
    overrides: [first],
    target: 10,
    minimum: 7,
  });
  parameters.set("Type", "maintain");
  assertThrows(() => fleetRequest(query(parameters)), Refusal, "instant");
});

const CASES: readonly {
  readonly when: string;
  readonly minimum: number;
  readonly free: readonly [number, number];
  readonly launched: readonly number[];
  readonly errors: number;
}[] = [
  { when: "the first pool has all", minimum: 1, free: [Infinity, Infinity], launched: [10], errors: 0 },
  { when: "both pools are needed", minimum: 10, free: [6, 9], launched: [6, 4], errors: 1 },
  { when: "there is less than wanted", minimum: 1, free: [5, 0], launched: [5], errors: 2 },
  { when: "there is less than the least", minimum: 10, free: [5, 4], launched: [], errors: 2 },
  { when: "there is nothing", minimum: 1, free: [0, 0], launched: [], errors: 2 },
];

for (const { when, minimum, free, launched, errors } of CASES) {
  Deno.test(`launchFleet() launches ${launched.join(" and ") || "none"} when ${when}`, pure, () => {
    const request: FleetRequest = { template: "t", overrides: [first, second], target: 10, minimum };
    const fleet = launchFleet(
      request,
      ({ instanceType }) => free[instanceType === first.instanceType ? 0 : 1],
      ({ MaxCount }) => Array.from({ length: MaxCount }, (_, index) => `i-${index}`),
    );
    assertEquals(fleet.launched.map(({ instanceIds }) => instanceIds.length), launched);
    assertEquals(fleet.errors.length, errors);
  });
}
