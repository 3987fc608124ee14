import { assertEquals } from "@std/assert";
import { linuxPriceFilters, linuxPrices, lowestPrice } from "../../../lib/aws/linux_prices.ts";
import type { PricingApi } from "../../../lib/aws/pricing_api.ts";
import { pricingClient } from "../../../lib/aws/pricing_client.ts";
import { pricingRegion } from "../../../lib/aws/service_hosts.ts";
import { cannedServer, settingsFor, withKeys } from "./canned_server.ts";

/** A price list entry, shaped like AWS's. */
function entry(usd: string | undefined, unit = "Hrs"): string {
  return JSON.stringify({
    product: { attributes: { instanceType: "c7i.large" }, sku: "SKU1" },
    terms: {
      OnDemand: {
        "SKU1.JRTCKXETXF": {
          priceDimensions: { "SKU1.JRTCKXETXF.6YS6EN2CT7": { unit, pricePerUnit: { USD: usd } } },
        },
      },
    },
  });
}

const LOWEST: readonly (readonly [what: string, entries: readonly string[], price: number | undefined])[] = [
  ["nothing", [], undefined],
  ["one entry", [entry("0.0892500000")], 0.08925],
  ["a placeholder next to the price", [entry("0.0000000000"), entry("0.1")], 0.1],
  ["two prices", [entry("0.2"), entry("0.1")], 0.1],
  ["another unit", [entry("0.1", "Quantity")], undefined],
  ["another currency", [entry(undefined)], undefined],
  ["no on-demand terms", ['{"terms":{"Reserved":{}}}'], undefined],
];

for (const [what, entries, price] of LOWEST) {
  Deno.test(`lowestPrice() of ${what} is ${price}`, { permissions: "none" }, () => {
    assertEquals(lowestPrice(entries), price);
  });
}

Deno.test("linuxPrices() asks once for each type and leaves out those without a price", {
  permissions: "none",
}, async () => {
  const asked: string[] = [];
  const pricing: PricingApi = {
    getProducts({ Filters }) {
      const type = Filters!.find(({ Field }) => Field === "instanceType")!.Value;
      asked.push(type);
      return Promise.resolve({ items: type === "mac2.metal" ? [] : [entry("0.5")] });
    },
  };
  const types = ["c7i.large", "mac2.metal", "c7i.large", "c7g.large", "m5.large", "r5.large", "t3.micro"];
  const prices = await linuxPrices(pricing, "eu-west-1", types);
  assertEquals([...prices.keys()].sort(), ["c7g.large", "c7i.large", "m5.large", "r5.large", "t3.micro"]);
  assertEquals(asked.length, 6);
});

Deno.test("pricingClient() asks by term and reads entries as they come", () =>
  withKeys(async () => {
    await using server = cannedServer(
      () => Response.json({ FormatVersion: "aws_v1", PriceList: [entry("0.1")], NextToken: "more" }),
      () => Response.json({ FormatVersion: "aws_v1", PriceList: [] }),
    );
    const client = pricingClient(settingsFor("pricing", server.url));
    assertEquals(await linuxPrices(client, "us-east-1", ["c7i.large"]), new Map([["c7i.large", 0.1]]));
    client.destroy();
    const sent = JSON.parse(server.requests[0]!);
    assertEquals([sent.ServiceCode, sent.MaxResults, sent.Filters[1]], [
      "AmazonEC2",
      100,
      { Type: "TERM_MATCH", Field: "instanceType", Value: "c7i.large" },
    ]);
    assertEquals(JSON.parse(server.requests[1]!).NextToken, "more");
  }));

Deno.test("pricingRegion() stays in the partition", { permissions: "none" }, () => {
  assertEquals([pricingRegion("eu-west-1"), pricingRegion("cn-north-1")], ["us-east-1", "cn-northwest-1"]);
  assertEquals(linuxPriceFilters("eu-west-1", "c7i.large")[0], { Field: "regionCode", Value: "eu-west-1" });
});
