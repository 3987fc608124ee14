import { mapBounded } from "../../base/map_bounded.ts";
import type { FileSystem } from "../../config/model.ts";
import type { Lookup, Machine } from "./machine.ts";
import { readSafely } from "./file_facts.ts";
import { isAddress } from "../../base/ip_address.ts";
import { isLoopback, type NameFacts, type NameRole, type ReverseFacts } from "./name_checks.ts";

/** A name to look up. */
export interface WantedName {
  readonly name: string;
  readonly role: NameRole;
  readonly expected?: string;
  readonly isOwn?: boolean;
}

/** Lookups at a time: enough for silence to be waited out side by side, few enough for a small resolver. */
const AT_ONCE = 8;

/** Looks names up, forward and back, here and at the resolvers given. */
export function lookUpNames(
  machine: Machine,
  names: readonly WantedName[],
  resolvers: readonly string[],
): Promise<NameFacts[]> {
  return mapBounded(names, AT_ONCE, (wanted) => lookUp(machine, wanted, resolvers));
}

async function lookUp(
  machine: Machine,
  wanted: WantedName,
  resolvers: readonly string[],
): Promise<NameFacts> {
  const [own, ...others] = await Promise.all([
    resolveHere(machine, wanted.name),
    ...resolvers.map((resolver) => machine.ask(resolver, "A", wanted.name)),
  ]);
  const by = new Map(resolvers.map((resolver, index) => [resolver, others[index]!]));
  const reverse = await Promise.all([
    ...addressesOf(own).map((address) => nameHere(machine, address)),
    ...[...by].flatMap(([resolver, lookup]) =>
      addressesOf(lookup).map((address) => nameBy(machine, resolver, address))
    ),
  ]);
  return { ...wanted, own, resolvers: by, reverse };
}

function addressesOf(lookup: Lookup): readonly string[] {
  return lookup.kind === "found" ? lookup.values.filter((address) => !isLoopback(address)) : [];
}

/**
 * A name as getaddrinfo(3) has it, which is what Slurm, ssh and mount go by. Where it finds nothing, the reason
 * comes from the first resolver of resolv.conf(5): getent(1) tells none.
 */
export async function resolveHere(machine: Machine, name: string): Promise<Lookup> {
  const ran = await machine.run(["getent", "ahosts", name]);
  if (ran.kind !== "ended") return ran;
  const addresses = ran.stdout.split("\n").flatMap((line) => line.split(/\s+/)[0] || []);
  if (addresses.length > 0) return { kind: "found", values: [...new Set(addresses)] };
  const resolver = /^nameserver\s+(\S+)/m.exec(await readSafely(machine, "/etc/resolv.conf") ?? "")?.[1];
  if (resolver === undefined) return { kind: "none" };
  const why = await machine.ask(resolver, "A", name);
  return why.kind === "failed" || why.kind === "cut" ? why : { kind: "none" };
}

async function nameHere(machine: Machine, address: string): Promise<ReverseFacts> {
  const ran = await machine.run(["getent", "hosts", address]);
  if (ran.kind !== "ended") return { address, names: ran };
  const values = ran.stdout.split("\n").flatMap((line) => line.trim().split(/\s+/).slice(1));
  // getent prints the address itself where it knows no name.
  const names = values.filter((name) => name !== "" && name !== address);
  return { address, names: names.length === 0 ? { kind: "none" } : { kind: "found", values: names } };
}

async function nameBy(machine: Machine, resolver: string, address: string): Promise<ReverseFacts> {
  const name = `${address.split(".").reverse().join(".")}.in-addr.arpa`;
  return { address, resolver, names: await machine.ask(resolver, "PTR", name) };
}

/**
 * The server that a file system comes from, by the spellings of mount(8): `nas1:/export`, `//nas1/share`,
 * `fs-1.fsx.eu-west-1.amazonaws.com@tcp:/fsx`; undefined for local ones, for addresses, and for a bare EFS id,
 * which its mount helper completes.
 */
export function fileServerOf({ source, type }: Pick<FileSystem, "source" | "type">): string | undefined {
  const host = /^\/\/([^/]+)\//.exec(source)?.[1] ??
    /^(\[[^\]]+\]|[^/@:[\]]+)(?:@[a-z0-9]+)?(?:,[^:]*)?:/.exec(source)?.[1]?.replace(/^\[(.*)\]$/, "$1");
  if (host === undefined || (type === "efs" && /^fs-[0-9a-f]+$/.test(host))) return undefined;
  return host;
}

/** Wanted names without repetition, without addresses; of several roles the first counts. */
export function uniqueNames(names: readonly WantedName[]): WantedName[] {
  const seen = new Map<string, WantedName>();
  for (const one of names) if (!isAddress(one.name) && !seen.has(one.name)) seen.set(one.name, one);
  return [...seen.values()];
}
