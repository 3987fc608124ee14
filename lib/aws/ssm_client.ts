import {
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import type { AwsClientSettings } from "./client_settings.ts";
import { mutable } from "./mutable.ts";
import { callerOf, clientOptions } from "./sdk_client.ts";
import type { Parameter, SsmApi } from "./ssm_api.ts";
import { required } from "./to_instance.ts";

/** SSM over the wire. */
export interface SsmClient extends SsmApi {
  /** Closes the connections that are kept alive; calls after it open new ones. */
  destroy(): void;
}

const SERVICE = { key: "ssm", title: "SSM", format: "json" } as const;

/** SSM's Parameter Store through AWS's SDK: strict answers, every failure an {@link AwsError}. */
export function ssmClient(settings: AwsClientSettings): SsmClient {
  const client = new SSMClient(clientOptions(SERVICE, settings));
  const call = callerOf(client, SERVICE, settings);
  return {
    destroy: () => client.destroy(),

    async getParameter(input, options) {
      const command = new GetParameterCommand(mutable(input));
      const answer = await call("GetParameter", (how) => client.send(command, how), options);
      return toParameter(required(answer.Parameter, "Parameter", "GetParameter"), "GetParameter");
    },

    async getParameters(input, options) {
      const command = new GetParametersCommand(mutable(input));
      const answer = await call("GetParameters", (how) => client.send(command, how), options);
      return {
        parameters: (answer.Parameters ?? []).map((parameter) => toParameter(parameter, "GetParameters")),
        invalidParameters: answer.InvalidParameters ?? [],
      };
    },

    async getParametersByPath(input, options) {
      const command = new GetParametersByPathCommand(mutable(input));
      const answer = await call("GetParametersByPath", (how) => client.send(command, how), options);
      const items = (answer.Parameters ?? []).map((parameter) =>
        toParameter(parameter, "GetParametersByPath")
      );
      return answer.NextToken ? { items, nextToken: answer.NextToken } : { items };
    },

    async putParameter(input, options) {
      const command = new PutParameterCommand(mutable(input));
      const answer = await call("PutParameter", (how) => client.send(command, how), options);
      return { version: required(answer.Version, "Version", "PutParameter") };
    },
  };
}

function toParameter(
  parameter: {
    readonly Name?: string;
    readonly Type?: string;
    readonly Value?: string;
    readonly Version?: number;
  },
  operation: string,
): Parameter {
  return {
    name: required(parameter.Name, "Name", operation),
    type: required(parameter.Type, "Type", operation) as Parameter["type"],
    value: parameter.Value ?? "",
    version: parameter.Version ?? 0,
  };
}
