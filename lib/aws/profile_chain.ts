/** AWS's shared configuration and credentials files, merged: profile name → its settings. */
export type Profiles = Readonly<Record<string, Readonly<Record<string, string | undefined>> | undefined>>;

/** How a profile comes by its credentials where a helper is the source. */
export interface HelperChain {
  /** The profile that names the helper. */
  readonly source: string;
  /** Its `credential_process`, as it is written. */
  readonly command: string;
  /** Profiles whose roles are assumed then, in this order. */
  readonly roles: readonly string[];
}

/**
 * Whether a profile's credentials begin with a helper, by the SDK's own order: a role of a source profile, then
 * static keys, a web identity, a helper
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html). Undefined: they don't,
 * or what the files say goes in a circle, which the SDK tells.
 */
export function helperChain(
  profiles: Profiles,
  name: string,
  roles: readonly string[] = [],
): HelperChain | undefined {
  const profile = profiles[name];
  if (profile === undefined || roles.includes(name)) return undefined;
  const isStatic = profile.aws_access_key_id !== undefined && profile.aws_secret_access_key !== undefined;
  if (roles.length > 0 && isStatic) return undefined;
  if (profile.role_arn !== undefined && profile.source_profile !== undefined) {
    return helperChain(profiles, profile.source_profile, [name, ...roles]);
  }
  if (isStatic || profile.credential_process === undefined) return undefined;
  if (profile.role_arn !== undefined && profile.web_identity_token_file !== undefined) return undefined;
  return { source: name, command: profile.credential_process, roles };
}
