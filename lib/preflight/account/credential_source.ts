/** A file that may hold credentials, as this process and this user find it. */
export interface AwsFile {
  readonly path: string;
  /** `forbidden`: this user may not read it; `not-permitted`: the program was started without the right to. */
  readonly state: "readable" | "missing" | "forbidden" | "not-permitted";
  /** Names of the profiles in it; none where it can't be read. */
  readonly profiles: readonly string[];
}

/** What decides which credentials AWS's SDK takes. */
export interface SourceFacts {
  /** From the configuration. */
  readonly aws: {
    readonly profile?: string;
    readonly credentialsFile?: string;
    readonly configFile?: string;
  };
  readonly env: (name: string) => string | undefined;
  /** The shared credentials file and the shared config file. */
  readonly files: readonly AwsFile[];
}

/** Where the credentials come from, as far as it can be known without using them. */
export interface CredentialSource {
  readonly kind: "profile" | "environment" | "web-identity" | "container" | "instance-role";
  /** In words, e.g. `profile "slurm" of /etc/slurm/aws/credentials`. */
  readonly says: string;
  /** The profile asked for; absent where none is. */
  readonly profile?: string;
}

/**
 * The first source that the SDK's chain has something for
 * (https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html).
 */
export function credentialSource({ aws, env, files }: SourceFacts): CredentialSource {
  const named = aws.profile ?? aws.credentialsFile ?? aws.configFile;
  if (named !== undefined) {
    return profileSource(aws.profile ?? "default", files, "as aws.* in the configuration says");
  }
  const chosen = env("AWS_PROFILE");
  if (chosen) return profileSource(chosen, files, "as $AWS_PROFILE says");
  if (env("AWS_ACCESS_KEY_ID") && env("AWS_SECRET_ACCESS_KEY")) {
    return { kind: "environment", says: "environment variables ($AWS_ACCESS_KEY_ID)" };
  }
  if (files.some(({ profiles }) => profiles.includes("default"))) return profileSource("default", files);
  if (env("AWS_WEB_IDENTITY_TOKEN_FILE") && env("AWS_ROLE_ARN")) {
    return { kind: "web-identity", says: `token of $AWS_WEB_IDENTITY_TOKEN_FILE for ${env("AWS_ROLE_ARN")}` };
  }
  if (env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ?? env("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
    return { kind: "container", says: "container role ($AWS_CONTAINER_CREDENTIALS_…)" };
  }
  return { kind: "instance-role", says: "instance role, from the metadata service: there is nothing else" };
}

function profileSource(profile: string, files: readonly AwsFile[], why = ""): CredentialSource {
  const holder = files.find(({ profiles }) => profiles.includes(profile)) ?? files[0];
  const of = holder === undefined ? "" : ` of ${holder.path}`;
  return { kind: "profile", says: `profile "${profile}"${of}${why && `, ${why}`}`, profile };
}

/**
 * Names of the profiles in a shared credentials or config file: `[name]`, or `[profile name]` in the latter
 * (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html).
 */
export function profileNames(text: string): string[] {
  return [...text.matchAll(/^[ \t]*\[[ \t]*(?:profile[ \t]+)?([^\]\n]+?)[ \t]*\]/gm)].map(([, name]) => name!)
    .filter((name) => !/^(?:sso-session|services)\b/.test(name));
}
