import type { Command } from "./command.ts";
import type { AnyFlags } from "./flag.ts";
import { awsFiles, effectivePermissions, type Grants, type Site } from "./effective_permissions.ts";
import type { Host } from "./host.ts";
import { takesKeysOfEnvironment } from "../../lib/aws/client_settings.ts";
import { permissionsWith } from "./permissions.ts";

/** What the site's configuration resolves to hosts and paths. */
const OF_SITE: ReadonlySet<string> = new Set([
  ...["ec2", "ssm", "sts", "pricing", "quotas", "imds"],
  ...["scontrol", "sacct", "notify", "state", "log"],
]);

/**
 * What a command may keep of the process's permissions with the flags that it was given. A configuration that
 * can't be read is reported by the command itself, which gets nothing then that the configuration would decide.
 */
export async function grantsFor(host: Host, command: Command, flags: AnyFlags): Promise<Grants> {
  const { permissions } = command;
  const isGiven = (name: string) =>
    command.flags.find((flag) => flag.name === name)?.value === undefined
      ? flags.has(name)
      : flags.get(name) !== undefined;
  const ofSite = [...permissions.net, ...permissions.run, ...permissions.write].some((name) =>
    OF_SITE.has(name)
  );
  return effectivePermissions(
    permissionsWith(permissions, isGiven),
    ofSite ? await siteOf(host, flags) : undefined,
  );
}

// Lazily, because YAML, the schema and the SDK take longer to load than all of a lint.
const CONFIG = { load: async () => (await import("./load_config.ts")).loadConfigFile };
const HELPERS = { load: async () => (await import("../../lib/aws/credentials_client.ts")).credentialHelpers };

async function siteOf(host: Host, flags: AnyFlags): Promise<Site | undefined> {
  const loadConfigFile = await CONFIG.load();
  try {
    const { config, file } = loadConfigFile(host, flags);
    const site = { config, configFile: file, env: host.env };
    return { ...site, credentialHelpers: await helpersOf(host, site) };
  } catch {
    // It is remembered, and thrown again where the command asks for the configuration.
    return undefined;
  }
}

/** The program that AWS's own files name for finding credentials; without a word of one, nothing is loaded for it. */
export async function helpersOf({ files }: Pick<Host, "files">, site: Site): Promise<readonly string[]> {
  if (takesKeysOfEnvironment(site.config, site.env)) return [];
  const isNamed = awsFiles(site).some((file) => {
    try {
      return files.readText(file).includes("credential_process");
    } catch {
      // Not there, or not to be read: then the SDK finds nothing in it either.
      return false;
    }
  });
  if (!isNamed) return [];
  const credentialHelpers = await HELPERS.load();
  try {
    return await credentialHelpers(site.config.aws);
  } catch (error) {
    // The SDK looks at more variables than a process may be allowed to read: the code that asks AWS reports it.
    if (error instanceof Deno.errors.NotCapable) return [];
    throw error;
  }
}
