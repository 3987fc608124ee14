import { readEnv } from "./read_env.ts";
import { CredentialsProviderError, parseKnownFiles } from "@smithy/core/config";
import type { AwsClientSettings } from "./client_settings.ts";
import { helperCommand } from "./helper_command.ts";
import { runHelper } from "./helper_process.ts";
import { HelperRuns } from "./helper_runs.ts";
import { HelperError } from "./sdk_error.ts";
import { type HelperChain, helperChain, type Profiles } from "./profile_chain.ts";

/** AWS's shared files as far as they are named; the SDK's own places else. */
type Files = Pick<AwsClientSettings["aws"], "profile" | "credentialsFile" | "configFile">;

/** Credentials as the SDK's clients take them. */
type Credentials = Awaited<ReturnType<SdkProvider>>;

/** Where the SDK's own rules find credentials. */
type SdkProvider = ReturnType<typeof import("@aws-sdk/credential-provider-ini").fromIni>;

/** The client that asks for credentials. */
type Caller = Parameters<SdkProvider>[0];

/**
 * Credentials by the SDK's rules, but for a profile whose credentials come from a `credential_process`: the SDK
 * would give that line to /bin/sh, which could do anything. Here the program that it names is run, and no other.
 * @throws {HelperError} that says what is wrong with the helper, or whatever the SDK throws.
 */
export function credentialsOf(settings: AwsClientSettings, sdk: () => Promise<SdkProvider>): SdkProvider {
  let provider: Promise<SdkProvider> | undefined;
  const runs = settings.helperRuns ?? new HelperRuns();
  return async (caller) => {
    const { chain, profiles } = await findHelper(settings.aws);
    if (chain !== undefined) return await fromHelper(settings, chain, profiles, { runs, caller });
    return await (await (provider ??= sdk()))(caller);
  };
}

/** Programs that finding credentials with these settings starts: none, or the one helper. */
export async function credentialHelpers(files: Files): Promise<readonly string[]> {
  const { chain } = await findHelper(files);
  if (chain === undefined) return [];
  try {
    return [helperCommand(chain.command)[0]];
  } catch (error) {
    // It is called when credentials are asked for.
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

async function findHelper(
  { profile, credentialsFile, configFile }: Files,
): Promise<{ readonly profiles: Profiles; readonly chain: HelperChain | undefined }> {
  const profiles = await parseKnownFiles({
    ...(credentialsFile !== undefined && { filepath: credentialsFile }),
    ...(configFile !== undefined && { configFilepath: configFile }),
  });
  return { profiles, chain: helperChain(profiles, profile ?? (readEnv("AWS_PROFILE") || "default")) };
}

async function fromHelper(
  settings: AwsClientSettings,
  { source, command, roles }: HelperChain,
  profiles: Profiles,
  { runs, caller }: { readonly runs: HelperRuns; readonly caller: Caller },
): Promise<Credentials> {
  let credentials: Credentials = await runs.once(command, async () => {
    try {
      return await runHelper(command);
    } catch (error) {
      throw new HelperError(`profile ${source}: ${(error as Error).message}`, { cause: error });
    }
  });
  for (const role of roles) {
    credentials = await assumeRole(settings, credentials, { ...profiles[role] }, caller);
  }
  return credentials;
}

async function assumeRole(
  { region, aws }: AwsClientSettings,
  credentials: Credentials,
  profile: Readonly<Record<string, string | undefined>>,
  caller: Caller,
): Promise<Credentials> {
  // Loaded on demand: hardly a controller chains roles.
  const { AssumeRoleCommand, STSClient } = await import("@aws-sdk/client-sts");
  const endpoint = aws.endpoints.sts;
  const requestHandler = caller?.callerClientConfig?.requestHandler;
  const client = new STSClient({
    region,
    credentials,
    ...(endpoint !== undefined && { endpoint }),
    // With the caller's proxies and time limits. It stays the caller's to close.
    ...(requestHandler !== undefined && { requestHandler }),
  });
  const answer = await client.send(
    new AssumeRoleCommand({
      RoleArn: profile.role_arn,
      RoleSessionName: profile.role_session_name ?? `slurm-ec2-${Date.now()}`,
      ExternalId: profile.external_id,
      DurationSeconds: Number(profile.duration_seconds ?? 3600),
    }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined) {
    throw new CredentialsProviderError(`STS gave no credentials for ${profile.role_arn}`, {
      tryNextLink: false,
    });
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken !== undefined && { sessionToken: SessionToken }),
    ...(Expiration !== undefined && { expiration: Expiration }),
  };
}
