import { GetProductsCommand, PricingClient as SdkPricingClient } from "@aws-sdk/client-pricing";
import type { AwsClientSettings } from "./client_settings.ts";
import type { PricingApi } from "./pricing_api.ts";
import { pricingRegion } from "./service_hosts.ts";
import { callerOf, clientOptions } from "./sdk_client.ts";

/** AWS's price list over the wire. */
export interface PricingClient extends PricingApi {
  /** Closes the connections that are kept alive; calls after it open new ones. */
  destroy(): void;
}

const SERVICE = { key: "pricing", title: "Pricing", format: "json" } as const;

/** The price list through AWS's SDK: every failure an {@link AwsError}. */
export function pricingClient(settings: AwsClientSettings): PricingClient {
  const nearest = { ...settings, region: pricingRegion(settings.region) };
  const client = new SdkPricingClient(clientOptions(SERVICE, nearest));
  const call = callerOf(client, SERVICE, nearest);
  return {
    destroy: () => client.destroy(),

    async getProducts({ Filters, ...rest }, options) {
      const filters = Filters?.map((filter) => ({ Type: "TERM_MATCH" as const, ...filter }));
      const command = new GetProductsCommand({ ...rest, FormatVersion: "aws_v1", Filters: filters });
      const answer = await call("GetProducts", (how) => client.send(command, how), options);
      const items = (answer.PriceList ?? []).map(String);
      return answer.NextToken ? { items, nextToken: answer.NextToken } : { items };
    },
  };
}
