import { assertEquals } from "@std/assert";
import type { NodeGroup } from "../../../../lib/config/model.ts";
import { featureList } from "../../../../lib/slurm_conf/render/feature_list.ts";

const group = (over: Partial<NodeGroup>) => ({
  architecture: "x86_64",
  os: { distribution: "Rocky", version: "9" },
  instanceTypes: ["c7i.large"],
  subnets: ["subnet-1"],
  capacityType: "spot",
  features: [],
  ...over,
} as unknown as NodeGroup);
const zones = new Map([["subnet-1", "us-east-1a"], ["subnet-2", "us-east-1a"], ["subnet-3", "us-east-1b"]]);

Deno.test({
  name: "featureList() names what every node of the group is",
  permissions: "none",
  fn() {
    assertEquals(featureList(group({ features: ["fast", "spot"] }), zones), [
      "x86_64",
      "Rocky",
      "Rocky_9",
      "c7i",
      "c7i.large",
      "us-east-1a",
      "spot",
      "fast",
    ]);
  },
});

Deno.test({
  name: "featureList() leaves out type, family and zone where nodes may differ or they are not known",
  permissions: "none",
  fn() {
    const has = (over: Partial<NodeGroup>, known = zones) =>
      featureList(group(over), known).filter((name) => /c7i|us-east/.test(name));
    assertEquals(has({ instanceTypes: ["c7i.large", "c7i.xlarge"] }), ["c7i", "us-east-1a"]);
    assertEquals(has({ instanceTypes: ["c7i.large", "m7i.large"] }), ["us-east-1a"]);
    assertEquals(has({ subnets: ["subnet-1", "subnet-2"] }), ["c7i", "c7i.large", "us-east-1a"]);
    assertEquals(has({ subnets: ["subnet-1", "subnet-3"] }), ["c7i", "c7i.large"]);
    assertEquals(has({ subnets: ["subnet-1", "subnet-9"] }), ["c7i", "c7i.large"]);
    assertEquals(has({}, new Map()), ["c7i", "c7i.large"]);
  },
});
