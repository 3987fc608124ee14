import { METADATA_HOSTS, serviceHosts } from "../../lib/aws/service_hosts.ts";
import { type AwsService, endpointVariable } from "../../lib/aws/client_settings.ts";
import type { Config } from "../../lib/config/model.ts";
import type { Permissions } from "./permissions.ts";

/** How much of one kind: nothing, all of it, or these hosts, paths or names as Deno's own flags take them. */
export type Grant = "none" | "any" | readonly string[];

/** What a process is to hold of every kind that we use; `ffi` is never held. */
export type Grants = Readonly<Record<"net" | "run" | "write" | "read" | "env" | "sys", Grant>>;

/** What the site's own settings decide. */
export interface Site {
  readonly config: Config;
  /** The file that it was read from. */
  readonly configFile: string;
  /** Environment variables, as far as they may be read. */
  readonly env: (name: string) => string | undefined;
  /** The `credential_process` that AWS's configuration names for finding credentials, absolute. */
  readonly credentialHelpers?: readonly string[];
}

/**
 * Variables that a command may read, as `--allow-env` takes them: AWS's own, ours, Slurm's, and those that say
 * where homes, proxies and certificates are. Deno denies wildcards only as a whole, so they are one list for all.
 */
export const ENVIRONMENT: readonly string[] = [
  ...[
    "AWS_*",
    "SLURM_EC2_*",
    "SLURM_CONF",
    "HOME",
    "TMPDIR",
    "TERM",
    "NODE_USE_ENV_PROXY",
    "NODE_EXTRA_CA_CERTS",
  ],
  ...["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"],
];

/**
 * What the AWS SDK asks the operating system: its release for the user agent; user id and home directory only
 * where HOME is unset.
 */
export const SYSTEM_FACTS: readonly string[] = ["osRelease", "uid", "homedir"];

/** Where scontrol usually lies: packages, builds from source, and the prefix of AWS's own guides. */
export const USUAL_SCONTROLS: readonly string[] = [
  "/usr/bin/scontrol",
  "/usr/local/bin/scontrol",
  "/opt/slurm/bin/scontrol",
  "/usr/local/slurm/bin/scontrol",
];

/** Where sacct usually lies: next to scontrol. */
export const USUAL_SACCTS: readonly string[] = USUAL_SCONTROLS.map((path) =>
  path.replace(/scontrol$/, "sacct")
);

const AWS_SERVICES: readonly AwsService[] = ["ec2", "ssm", "sts", "pricing", "quotas"];
const PROXY_VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"];
const LOOPBACK = ["127.0.0.1", "localhost"];

/**
 * The exact grants that a command may keep. Without a site, because its configuration can't be read, what only
 * the site could tell is given up: the command will say what is wrong with the file, which takes no more.
 */
export function effectivePermissions(needs: Permissions, site: Site | undefined): Grants {
  return {
    // Which hosts a site's Slurm, resolvers and file servers are, only they say.
    net: needs.net.includes("site")
      ? "any"
      : listOrNone(unique(needs.net.flatMap((name) => netGrant(name, site)))),
    run: runGrant(needs, site),
    write: pathGrant(needs.write, site),
    read: pathGrant(needs.read, site),
    env: needs.env ? ENVIRONMENT : "none",
    sys: needs.net.length > 0 ? systemFacts(needs, site) : "none",
  };
}

function netGrant(name: Permissions["net"][number], site: Site | undefined): readonly string[] {
  if (name === "loopback") return LOOPBACK;
  if (site === undefined) return [];
  if (name === "imds") {
    const chosen = site.env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    return [...METADATA_HOSTS, ...(chosen ? hostOf(chosen) : [])];
  }
  const service = AWS_SERVICES.find((known) => known === name);
  return service === undefined ? [] : [...endpointHosts(service, site), ...proxyHosts(site)];
}

/** A service's own endpoints, or the one that settings name instead. */
function endpointHosts(service: AwsService, site: Site): readonly string[] {
  const chosen = chosenEndpoint(service, site);
  return chosen ? hostOf(chosen) : serviceHosts(service, site.config.region);
}

/** The URL at which settings say a service is, the configuration's before the environment's; absent: AWS's own. */
export function chosenEndpoint(
  service: AwsService,
  { config, env }: Pick<Site, "config" | "env">,
): string | undefined {
  return config.aws.endpoints[service] ?? env(endpointVariable(service)) ?? env("AWS_ENDPOINT_URL");
}

function proxyHosts({ env }: Site): readonly string[] {
  return PROXY_VARIABLES.flatMap((name) => {
    const url = env(name);
    return url ? hostOf(url) : [];
  });
}

/** `host:port` of a URL, none where it is not a URL: the code that uses it reports that better than a permission does. */
export function hostOf(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { hostname, port, protocol } = new URL(url);
  return [`${hostname}:${port || (protocol === "https:" ? 443 : 80)}`];
}

function runGrant({ run, net }: Permissions, site: Site | undefined): Grant {
  // A command line may name any program; Deno.kill of a group takes all of it, too.
  if (run.some((name) => name === "boot-command" || name === "slurm")) return "any";
  // Where deno is, which file install asks for its version, and where tools lie, only the machine itself knows.
  if (run.some((name) => ["deno", "tools"].includes(name))) return "any";
  // Without a configuration, nodes are still given back by the scontrol that is found.
  const scontrols = site === undefined ? USUAL_SCONTROLS : [`${site.config.slurm.binDir}/scontrol`];
  const saccts = site === undefined ? USUAL_SACCTS : [`${site.config.slurm.binDir}/sacct`];
  const asksAws = net.some((name) => name !== "loopback" && name !== "imds");
  return listOrNone(unique([
    ...run.flatMap((name) => {
      if (name === "notify") return site?.config.notify.command ?? [];
      return name === "scontrol" ? scontrols : name === "sacct" ? saccts : [name];
    }),
    ...(asksAws ? site?.credentialHelpers ?? [] : []),
  ]));
}

/** What the command line names to write or read may be anything. */
function pathGrant(
  places: readonly (Permissions["read"] | Permissions["write"])[number][],
  site?: Site,
): Grant {
  const paths = places.map((place) => pathsOf(place, site));
  return paths.includes("any") ? "any" : listOrNone(unique((paths as (readonly string[])[]).flat()));
}

function pathsOf(
  place: (Permissions["read"] | Permissions["write"])[number],
  site: Site | undefined,
): "any" | readonly string[] {
  switch (place) {
    case "state":
      return site === undefined ? [] : [site.config.stateDir];
    case "log":
      return site === undefined ? [] : [site.config.logFile];
    case "users":
      return ["/etc/passwd"];
    case "aws":
      return site === undefined ? [] : awsFiles(site);
    case "config":
      // Where it can't be read, the command looks for it once more to say why.
      return site === undefined ? "any" : [site.configFile];
    default:
      return "any";
  }
}

/** What AWS's SDK reads: its shared files, and the token of a web identity. */
export function awsFiles({ config, env }: Pick<Site, "config" | "env">): readonly string[] {
  const token = env("AWS_WEB_IDENTITY_TOKEN_FILE");
  return [...awsFilePaths(config.aws, env), ...(token ? [token] : [])];
}

/**
 * The shared credentials file and the shared config file
 * (https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html).
 */
export function awsFilePaths(aws: Site["config"]["aws"], env: Site["env"]): readonly [string, string] {
  const home = `${env("HOME") ?? ""}/.aws`;
  return [
    aws.credentialsFile ?? env("AWS_SHARED_CREDENTIALS_FILE") ?? `${home}/credentials`,
    aws.configFile ?? env("AWS_CONFIG_FILE") ?? `${home}/config`,
  ];
}

function systemFacts({ net, read }: Permissions, site: Site | undefined): Grant {
  if (net.includes("loopback")) return SYSTEM_FACTS;
  if (site === undefined) return "none";
  if (!site.env("HOME")) return SYSTEM_FACTS;
  // Who looks at users wants to know which one it is.
  return read.includes("users") ? ["osRelease", "uid"] : ["osRelease"];
}

function listOrNone(names: readonly string[]): Grant {
  return names.length === 0 ? "none" : names;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
