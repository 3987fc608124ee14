import { assertEquals } from "@std/assert";
import { offeringsOf } from "../../../lib/capacity/offering.ts";
import { testGroup } from "../../fixtures/test_group.ts";

const pure = { permissions: "none" } as const;
const shortly = (capacityType: "on-demand" | "spot" | "spot-then-on-demand") =>
  offeringsOf(
    testGroup({ capacityType, instanceTypes: ["c7i.large", "c6i.large"], subnets: ["subnet-a", "subnet-b"] }),
  )
    .map((offering) => `${offering.capacityType} ${offering.instanceType} ${offering.subnetId}`);

Deno.test("offeringsOf() prefers instance types over subnets, in the configured order", pure, () => {
  assertEquals(shortly("on-demand"), [
    "on-demand c7i.large subnet-a",
    "on-demand c7i.large subnet-b",
    "on-demand c6i.large subnet-a",
    "on-demand c6i.large subnet-b",
  ]);
  assertEquals(shortly("spot"), shortly("on-demand").map((text) => text.replace("on-demand", "spot")));
});

Deno.test("offeringsOf() tries all of spot before on-demand", pure, () => {
  assertEquals(shortly("spot-then-on-demand"), [...shortly("spot"), ...shortly("on-demand")]);
});

Deno.test("offeringsOf() asks for what is reserved first, then for the rest", pure, () => {
  const group = testGroup({ capacityReservation: "cr-1", subnets: ["subnet-a", "subnet-b"] });
  const [first, ...others] = offeringsOf(group);
  assertEquals([first?.reservation, first?.subnetId, first?.capacityType], ["cr-1", "subnet-a", "on-demand"]);
  assertEquals(others, offeringsOf(testGroup({ subnets: ["subnet-a", "subnet-b"] })));
});
