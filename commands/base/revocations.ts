import { METADATA_HOSTS, REGIONS, serviceHosts } from "../../lib/aws/service_hosts.ts";
import type { Build } from "./build.ts";
import { type Grant, type Grants, USUAL_SACCTS, USUAL_SCONTROLS } from "./effective_permissions.ts";

/** Every host that a program for any site is built to reach, and the loopback interface for the simulator. */
export function usualHosts(): readonly string[] {
  const services = ["ec2", "ssm", "sts", "pricing", "quotas"] as const;
  const hosts = REGIONS.flatMap((region) => services.flatMap((service) => serviceHosts(service, region)));
  return [...new Set([...hosts, ...METADATA_HOSTS, "127.0.0.1", "localhost"])];
}

/** Hosts and programs that may have been granted, one by one: Deno can't list what a process holds. */
export interface Granted {
  readonly net: readonly string[];
  readonly run: readonly string[];
}

/** What a build may have been granted. */
export function grantedBy(build: Pick<Build, "net" | "run">): Granted {
  return { net: [...usualHosts(), ...build.net], run: [...USUAL_SCONTROLS, ...USUAL_SACCTS, ...build.run] };
}

const KINDS = ["net", "run", "write", "read", "env", "sys"] as const;

/**
 * What to revoke so that a process keeps no more than `keep`. A kind that isn't kept goes as a whole, whatever
 * was granted. Of hosts and programs that were granted one by one, those not kept go. A bare grant
 * (`--allow-net`) and a wildcard can't be narrowed: Deno gives up all or nothing of them, so they stay.
 */
export function revocations(keep: Grants, granted: Granted): Deno.PermissionDescriptor[] {
  const whole = KINDS.filter((kind) => keep[kind] === "none").map((name) => ({ name }));
  return [
    { name: "ffi" },
    ...whole,
    ...surplus(keep.net, granted.net, coversHost).map((host) => ({ name: "net" as const, host })),
    ...surplus(keep.run, granted.run, () => false).map((command) => ({ name: "run" as const, command })),
  ];
}

function surplus(
  keep: Grant,
  granted: readonly string[],
  covers: (grant: string, wanted: string) => boolean,
): readonly string[] {
  if (typeof keep === "string") return [];
  const kept = new Set(keep);
  // A grant of all ports stays where it is the only one that holds a port that is wanted.
  const isOnly = (grant: string) => keep.some((one) => covers(grant, one) && !granted.includes(one));
  return granted.filter((one) => !kept.has(one) && !isOnly(one));
}

/** Whether a host without a port holds this one. */
function coversHost(grant: string, wanted: string): boolean {
  return wanted.startsWith(`${grant}:`);
}
