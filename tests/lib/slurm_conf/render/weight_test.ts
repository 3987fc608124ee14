import { assert, assertEquals } from "@std/assert";
import {
  type PriceList,
  weightByPrice,
  weightBySize,
  weightRule,
} from "../../../../lib/slurm_conf/render/weight.ts";
import { gpu, typeFacts } from "./facts.ts";

const list: PriceList = {
  origin: "prices.yaml",
  prices: new Map([
    ["a.large", { onDemand: 0.1234 }],
    ["b.large", { onDemand: 1, spot: 0.25 }],
    ["free.large", { onDemand: 0.00001 }],
  ]),
};

Deno.test({
  name: "weightByPrice() is the price of the preferred type, by how it is bought",
  permissions: "none",
  fn() {
    const weight = (type: string, capacityType: "on-demand" | "spot" | "spot-then-on-demand") =>
      weightByPrice({ instanceTypes: [type, "x.large"], capacityType }, list);
    assertEquals(weight("a.large", "on-demand"), 1234);
    assertEquals(weight("b.large", "on-demand"), 10_000);
    assertEquals(weight("b.large", "spot"), 2500);
    assertEquals(weight("b.large", "spot-then-on-demand"), 2500);
    assertEquals(weight("a.large", "spot"), 1234, "no spot price is made up");
    assertEquals(weight("free.large", "on-demand"), 1);
    assertEquals(weight("x.large", "on-demand"), undefined);
  },
});

Deno.test({
  name: "weightBySize() puts bigger types behind smaller ones and GPUs behind all",
  permissions: "none",
  fn() {
    assertEquals(weightBySize(typeFacts()), 96);
    assertEquals(weightBySize(typeFacts({ defaultVCpus: 2, memoryMiB: 512 })), 21);
    const big = typeFacts({ defaultVCpus: 64, memoryMiB: 262_144 });
    const small = typeFacts({ gpus: [gpu("T4", 1)] });
    assert(weightBySize(typeFacts()) < weightBySize(big));
    assert(weightBySize(big) < weightBySize(small));
  },
});

Deno.test({
  name: "weightRule() says whether there are prices, and whose",
  permissions: "none",
  fn() {
    assert(weightRule(undefined).startsWith("No prices were given"));
    assert(weightRule(list).includes("prices.yaml"));
  },
});
