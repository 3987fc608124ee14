import type { Command, Flags } from "./command.ts";
import { effectivePermissions, type Grants, type Site } from "./effective_permissions.ts";
import type { Host } from "./host.ts";
import { permissionsWith } from "./permissions.ts";

/** What the site's configuration resolves to hosts and paths. */
const OF_SITE: ReadonlySet<string> = new Set([
  ...["ec2", "ssm", "sts", "pricing", "quotas", "imds"],
  ...["scontrol", "state", "log"],
]);

/**
 * What a command may keep of the process's permissions with the flags that it was given. A configuration that
 * can't be read is told by the command itself, which gets nothing then that the configuration would decide.
 */
export async function grantsFor(host: Host, command: Command, flags: Flags): Promise<Grants> {
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

async function siteOf(host: Host, flags: Flags): Promise<Site | undefined> {
  // Lazily, because YAML and the schema take longer to load than all of a lint.
  const { loadConfigFile } = await import("./load_config.ts");
  try {
    const { config, file } = loadConfigFile(host, flags);
    return { config, configFile: file, env: host.env };
  } catch {
    // It is remembered, and thrown again where the command asks for the configuration.
    return undefined;
  }
}
