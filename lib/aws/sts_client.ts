import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AwsClientSettings } from "./client_settings.ts";
import { callerOf, clientOptions } from "./sdk_client.ts";
import type { StsApi } from "./sts_api.ts";
import { required } from "./to_instance.ts";

/** STS over the wire. */
export interface StsClient extends StsApi {
  /** Closes the connections that are kept alive; calls after it open new ones. */
  destroy(): void;
}

const SERVICE = { key: "sts", title: "STS", format: "xml" } as const;

/** STS through AWS's SDK: a strict answer, every failure an {@link AwsError}. */
export function stsClient(settings: AwsClientSettings): StsClient {
  const client = new STSClient(clientOptions(SERVICE, settings));
  const call = callerOf(client, SERVICE, settings);
  return {
    destroy: () => client.destroy(),

    async getCallerIdentity(options) {
      const command = new GetCallerIdentityCommand({});
      const answer = await call("GetCallerIdentity", (how) => client.send(command, how), options);
      return {
        account: required(answer.Account, "Account", "GetCallerIdentity"),
        arn: required(answer.Arn, "Arn", "GetCallerIdentity"),
        userId: required(answer.UserId, "UserId", "GetCallerIdentity"),
      };
    },
  };
}
