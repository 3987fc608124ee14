import { ListServiceQuotasCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { AwsClientSettings } from "./client_settings.ts";
import type { QuotasApi } from "./quotas_api.ts";
import { callerOf, clientOptions } from "./sdk_client.ts";
import { required } from "./to_instance.ts";

/** Service Quotas over the wire. */
export interface QuotasClient extends QuotasApi {
  /** Closes the connections that are kept alive; calls after it open new ones. */
  destroy(): void;
}

const SERVICE = { key: "quotas", title: "Service Quotas", format: "json" } as const;

/** Service Quotas through AWS's SDK: strict answers, every failure an {@link AwsError}. */
export function quotasClient(settings: AwsClientSettings): QuotasClient {
  const client = new ServiceQuotasClient(clientOptions(SERVICE, settings));
  const call = callerOf(client, SERVICE, settings);
  return {
    destroy: () => client.destroy(),

    async listServiceQuotas(input, options) {
      const command = new ListServiceQuotasCommand(input);
      const answer = await call("ListServiceQuotas", (how) => client.send(command, how), options);
      const items = (answer.Quotas ?? []).map((quota) => ({
        quotaCode: required(quota.QuotaCode, "QuotaCode", "ListServiceQuotas"),
        quotaName: quota.QuotaName ?? "",
        value: required(quota.Value, "Value", "ListServiceQuotas"),
        adjustable: quota.Adjustable ?? false,
      }));
      return answer.NextToken ? { items, nextToken: answer.NextToken } : { items };
    },
  };
}
