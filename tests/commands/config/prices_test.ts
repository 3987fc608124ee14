import { assertEquals, assertStringIncludes } from "@std/assert";
import { configPrices } from "../../../commands/config/prices.ts";
import { inMemoryAws } from "../../../lib/sim/in_memory.ts";
import type { PricingApi } from "../../../lib/aws/pricing_api.ts";
import { runWithAws } from "../aws_host.ts";
import { runFake } from "../fake_host.ts";

const pure = { permissions: "none" } as const;
const CONFIG = `cluster: chip
region: eu-west-1
defaults: {os: {distribution: Rocky, version: 9}, subnets: [subnet-0123456789abcdef0]}
nodeGroups:
  - {name: a, nodes: "a-[0-1]", instanceTypes: [c7i.large, m7i.large]}
  - {name: b, nodes: b-0, instanceTypes: [r7i.large], capacityType: spot}
stateDir: /state
`;
const FILE = "/state/prices.yaml";
const files = (more: Readonly<Record<string, string>> = {}) => ({ "c.yaml": CONFIG, ...more });
const run = (args: readonly string[], more?: Readonly<Record<string, string>>) =>
  runFake(configPrices, ["--config", "c.yaml", ...args], { files: files(more) });

Deno.test("config prices names what has no price, writes nothing and exits with 3", pure, async () => {
  const { exit, stdout, files: after } = await run([], {
    [FILE]: "c7i.large: 0.1\nr7i.large: {spot: 0.05}\n",
  });
  assertEquals([exit, after.get(FILE)], [3, "c7i.large: 0.1\nr7i.large: {spot: 0.05}\n"]);
  assertStringIncludes(stdout, "No price is known for m7i.large: a cost limit launches none of them.");
});

Deno.test("config prices knows no price where nothing was ever written", pure, async () => {
  const { exit, stdout } = await run(["--json"]);
  assertEquals([exit, JSON.parse(stdout)], [3, {
    file: FILE,
    written: false,
    prices: [],
    missing: ["c7i.large", "m7i.large", "r7i.large"],
  }]);
});

Deno.test("config prices --prices takes the site's file", pure, async () => {
  const own = "c7i.large: 0.1\nm7i.large: {on-demand: 0.2}\nr7i.large: {spot: 0.05}\n";
  const { exit, stdout, files: after } = await run(["--prices", "p.yaml"], { "p.yaml": own });
  assertEquals(exit, 0, stdout);
  assertStringIncludes(stdout, `Written to ${FILE}.`);
  assertEquals(
    String(after.get(FILE)).split("\n").slice(1),
    ["c7i.large: 0.1", "m7i.large: 0.2", "r7i.large: {spot: 0.05}", ""],
  );
  const dry = await run(["--prices", "p.yaml", "--dry-run"], { "p.yaml": own });
  assertEquals([dry.exit, dry.files.has(FILE)], [0, false]);
});

Deno.test("config prices --aws asks for every type, and keeps the spot prices", pure, async () => {
  const pricing: PricingApi = {
    getProducts: ({ Filters }) => {
      const type = Filters!.find(({ Field }) => Field === "instanceType")!.Value;
      const USD = { "c7i.large": "0.1000", "r7i.large": "0.3000" }[type];
      const priceDimensions = { d: { unit: "Hrs", pricePerUnit: { USD } } };
      return Promise.resolve({
        items: USD === undefined ? [] : [JSON.stringify({ terms: { OnDemand: { t: { priceDimensions } } } })],
      });
    },
  };
  const aws = inMemoryAws({ now: () => 0 });
  const world = { aws, pricing, files: files({ [FILE]: "r7i.large: {on-demand: 9, spot: 0.05}\n" }) };
  const { exit, files: after } = await runWithAws(configPrices, ["--config", "c.yaml", "--aws"], world);
  assertEquals(exit, 3);
  assertEquals(
    after.get(FILE),
    [
      "# USD/h by instance type, from AWS's price list (Linux, on demand, eu-west-1) on 2026-01-01: what limits.maxHourlyCost and maxDailyCost go by.",
      "c7i.large: 0.1",
      "r7i.large: {on-demand: 0.3, spot: 0.05}",
      "",
    ].join("\n"),
  );
});

for (
  const [args, more, says] of [
    [["--aws", "--prices", "p.yaml"], {}, "Give either --aws or --prices FILE"],
    [["--dry-run"], {}, "Flag --dry-run goes with --aws or --prices FILE"],
    [["--prices", "gone.yaml"], {}, "Can't read the price file gone.yaml"],
  ] as const
) {
  Deno.test(`config prices ${args.join(" ")} is a mistake`, pure, async () => {
    const { exit, stderr } = await run(args, more);
    assertEquals(exit, 2);
    assertStringIncludes(stderr, says);
  });
}
