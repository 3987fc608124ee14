import { METADATA_HOSTS, serviceHosts } from "../lib/aws/service_hosts.ts";
import type { AwsService } from "../lib/aws/client_settings.ts";
import type { Config } from "../lib/config/model.ts";
import { NO_PERMISSIONS, type Permissions } from "./permissions.ts";

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
  /** Programs that AWS's configuration names for finding credentials, absolute. */
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

const AWS_SERVICES: readonly AwsService[] = ["ec2", "ssm", "sts", "pricing"];
const PROXY_VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"];
const LOOPBACK = ["127.0.0.1", "localhost"];

/**
 * The exact grants that a command may keep. Without a site, because its configuration can't be read, what only
 * the site could tell is given up: the command will say what is wrong with the file, which takes no more.
 */
export function effectivePermissions(needs: Permissions, site: Site | undefined): Grants {
  return {
    net: listOrNone(unique(needs.net.flatMap((name) => netGrant(name, site)))),
    run: runGrant(needs.run, site),
    write: pathGrant(needs.write, site),
    read: pathGrant(needs.read, site),
    env: needs.env ? ENVIRONMENT : "none",
    sys: needs.net.length > 0 ? systemFacts(needs, site) : "none",
  };
}

/** Nothing at all: what a process holds that only prints. */
export const NO_GRANTS: Grants = effectivePermissions(NO_PERMISSIONS, undefined);

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
function endpointHosts(service: AwsService, { config, env }: Site): readonly string[] {
  const chosen = config.aws.endpoints[service] ?? env(`AWS_ENDPOINT_URL_${service.toUpperCase()}`) ??
    env("AWS_ENDPOINT_URL");
  return chosen ? hostOf(chosen) : serviceHosts(service, config.region);
}

function proxyHosts({ env }: Site): readonly string[] {
  return PROXY_VARIABLES.flatMap((name) => {
    const url = env(name);
    return url ? hostOf(url) : [];
  });
}

/** `host:port` of a URL, none where it is no URL: whoever uses it says so better than a permission does. */
export function hostOf(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { hostname, port, protocol } = new URL(url);
  return [`${hostname}:${port || (protocol === "https:" ? 443 : 80)}`];
}

function runGrant(programs: Permissions["run"], site: Site | undefined): Grant {
  // Whoever names a program on the command line may name any; Deno.kill of a group takes all of it, too.
  if (programs.some((name) => name === "boot-command" || name === "slurm")) return "any";
  // Where deno is, and which file install asks for its version, only the process itself knows.
  if (programs.some((name) => name === "deno" || name === "getent")) return "any";
  // Without a configuration, nodes are still given back by the scontrol that is found.
  const scontrols = site === undefined ? USUAL_SCONTROLS : [`${site.config.slurm.binDir}/scontrol`];
  const helpers = site?.credentialHelpers ?? [];
  return listOrNone(
    unique(programs.flatMap((name) => name === "scontrol" ? [...scontrols, ...helpers] : [name])),
  );
}

/** Whoever writes or reads what the command line names may name anything. */
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
    case "aws":
      return site === undefined ? [] : awsFiles(site);
    case "config":
      // Where it can't be read, the command looks for it once more to say why.
      return site === undefined ? "any" : [site.configFile];
    default:
      return "any";
  }
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html */
function awsFiles({ config, env }: Site): readonly string[] {
  const home = `${env("HOME") ?? ""}/.aws`;
  const token = env("AWS_WEB_IDENTITY_TOKEN_FILE");
  return [
    config.aws.credentialsFile ?? env("AWS_SHARED_CREDENTIALS_FILE") ?? `${home}/credentials`,
    config.aws.configFile ?? env("AWS_CONFIG_FILE") ?? `${home}/config`,
    ...(token ? [token] : []),
  ];
}

function systemFacts({ net }: Permissions, site: Site | undefined): Grant {
  if (net.includes("loopback")) return SYSTEM_FACTS;
  if (site === undefined) return "none";
  return site.env("HOME") ? ["osRelease"] : SYSTEM_FACTS;
}

function listOrNone(names: readonly string[]): Grant {
  return names.length === 0 ? "none" : names;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
