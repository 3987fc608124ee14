import type { HelperRuns } from "./helper_runs.ts";

/** The services that we call. */
export type AwsService = "ec2" | "ssm" | "sts" | "pricing" | "quotas";

/**
 * What a client needs to know to reach AWS. Without profile and files the SDK's own rules find the credentials
 * (https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html).
 */
export interface AwsClientSettings {
  /** E.g. `eu-west-1`; handed to the SDK explicitly. */
  readonly region: string;
  /** How to reach AWS. */
  readonly aws: {
    readonly profile?: string;
    /** Absolute path of a shared credentials file. */
    readonly credentialsFile?: string;
    /** Absolute path of a shared config file. */
    readonly configFile?: string;
    /** Endpoint URLs; absent ones follow the variable of {@link endpointVariable}, AWS_ENDPOINT_URL, then AWS's own. */
    readonly endpoints: Readonly<Partial<Record<AwsService, string>>>;
  };
  /** By which several clients take credentials from one run of a helper; absent: each runs it. */
  readonly helperRuns?: HelperRuns;
}

/**
 * Environment variable that names a service's endpoint for the SDK
 * (https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html).
 */
export function endpointVariable(service: AwsService): string {
  return `AWS_ENDPOINT_URL_${service === "quotas" ? "SERVICE_QUOTAS" : service.toUpperCase()}`;
}

/** True where the settings name their credentials, so that nothing else may be used instead. */
export function namesCredentials({ aws }: Pick<AwsClientSettings, "aws">): boolean {
  return aws.profile !== undefined || aws.credentialsFile !== undefined || aws.configFile !== undefined;
}

/**
 * True where the keys of the environment are taken, so that no file is looked at: nothing else is asked for.
 * @param env variables, as far as they may be read
 */
export function takesKeysOfEnvironment(
  settings: Pick<AwsClientSettings, "aws">,
  env: (name: string) => string | undefined,
): boolean {
  return !namesCredentials(settings) && !env("AWS_PROFILE") && Boolean(env("AWS_ACCESS_KEY_ID")) &&
    Boolean(env("AWS_SECRET_ACCESS_KEY"));
}

/** Where credentials were looked for, in words, for the message when there are none. */
export function credentialSources(settings: AwsClientSettings): string {
  const { profile, credentialsFile, configFile } = settings.aws;
  const files = `"${credentialsFile ?? "~/.aws/credentials"}" and "${configFile ?? "~/.aws/config"}"`;
  if (namesCredentials(settings)) return `profile "${profile ?? "default"}" of ${files}`;
  return `environment (AWS_ACCESS_KEY_ID, AWS_PROFILE, …), ${files}, container role, instance role`;
}
