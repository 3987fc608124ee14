import { isAddress } from "../../base/ip_address.ts";
import type { CheckResult } from "../check_result.ts";
import type { Lookup } from "./machine.ts";
import { cannotTell, found } from "./unanswered.ts";

/** What a name is to the cluster. */
export type NameRole = "controller" | "file server" | "host" | "node";

/** Who says what of a name. */
export interface NameFacts {
  readonly name: string;
  readonly role: NameRole;
  /** By this machine, as every program here finds it: /etc/hosts, DNS, directory services (nsswitch.conf). */
  readonly own: Lookup;
  /** By resolvers asked themselves, address → answer. */
  readonly resolvers: ReadonlyMap<string, Lookup>;
  /** Back from the addresses found, by resolver. */
  readonly reverse: readonly ReverseFacts[];
  /** The address that slurm.conf or slurmctld holds for it. */
  readonly expected?: string;
  /** Whether it is this machine's own name. */
  readonly isOwn?: boolean;
}

/** What an address is called. */
export interface ReverseFacts {
  readonly address: string;
  /** The resolver asked; absent: this machine. */
  readonly resolver?: string;
  readonly names: Lookup;
}

/** Does a name lead to one address, the same for everybody, and back? */
export function checkName(facts: NameFacts): CheckResult[] {
  return [
    checkForward(facts),
    ...[...facts.resolvers].map(([resolver, lookup]) => checkResolver(facts, resolver, lookup)),
    ...facts.reverse.map((reverse) => checkReverse(facts, reverse)),
  ];
}

function checkForward(facts: NameFacts): CheckResult {
  const { name, role, own } = facts;
  const about = { check: "dns", what: `${role} ${name}` };
  const bad = role === "node" ? "warn" : "fail";
  switch (own.kind) {
    case "none":
      return found(about, bad, `this machine knows no ${name}${meaning(role)}`, forwardFix(facts));
    case "failed":
      return found(
        about,
        "fail",
        `this machine's resolver answers ${own.code} for ${name}`,
        `see nameserver in /etc/resolv.conf, and the zone on that server; try: getent ahosts ${name}`,
      );
    case "cut":
      return found(
        about,
        "fail",
        `no answer for ${name} within ${own.seconds} s`,
        "see nameserver in /etc/resolv.conf: udp and tcp 53 must be open to one that answers",
      );
    case "found":
      return checkAddresses(facts, own.values) ?? found(about, "pass", own.values.join(", "));
    default:
      return cannotTell(about, own);
  }
}

/** What is wrong with the addresses that a name leads to here, if anything. */
function checkAddresses(facts: NameFacts, addresses: readonly string[]): CheckResult | undefined {
  const { name, role, expected, isOwn } = facts;
  const about = { check: "dns", what: `${role} ${name}` };
  if (expected !== undefined && !isSameHost(addresses, expected)) {
    return found(
      about,
      role === "node" ? "warn" : "fail",
      `${addresses.join(", ")} on this machine, but Slurm holds ${expected}`,
      role === "node"
        ? `is that an earlier instance's? See getent hosts ${name}; take it out of /etc/hosts or of the hosts file that nodes share`
        : "correct /etc/hosts, the zone, or SlurmctldHost in slurm.conf: they must name one address",
    );
  }
  if (!addresses.every(isLoopback)) return undefined;
  const so = isOwn ? "no other machine can reach that address" : "that is this machine itself";
  return found(
    about,
    role === "controller" && !isOwn ? "fail" : "warn",
    `${name} is ${addresses.join(", ")} here: ${so}`,
    `in /etc/hosts give ${name} the address by which others reach it, not a loopback one (Debian writes 127.0.1.1)`,
  );
}

function meaning(role: NameRole): string {
  return role === "node" ? ": ssh and MPI by name fail between nodes, Slurm itself uses addresses" : "";
}

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver.html */
function forwardFix({ name, role }: NameFacts): string {
  if (role === "node") {
    return "let nodes write their names to a hosts file on the shared file system, or to a Route 53 zone (deploy/node/README.md)";
  }
  return `add ${name} to the zone; for a name of the site's own, asked in a VPC: a Route 53 Resolver outbound rule that forwards its domain to the site's servers`;
}

function checkResolver(facts: NameFacts, resolver: string, lookup: Lookup): CheckResult {
  const { name, role, own } = facts;
  const about = { check: "dns", what: `${role} ${name} by ${resolver}` };
  switch (lookup.kind) {
    case "none":
      return role === "node"
        ? found(
          about,
          "info",
          `${resolver} knows no ${name}: nodes find each other by /etc/hosts, or not by name`,
        )
        : found(about, "fail", `${resolver} knows no ${name}`, forwardFix(facts));
    case "failed":
      return found(
        about,
        "fail",
        `${resolver} answers ${lookup.code} for ${name}`,
        `see that server's forwarding of the domain: its own next server does not answer, or refuses; try: dig @${resolver} ${name}`,
      );
    case "cut":
      return found(
        about,
        "fail",
        `${resolver} does not answer within ${lookup.seconds} s`,
        `open udp and tcp 53 to ${resolver}: security group of the inbound endpoint, firewall of the VPN; try: dig @${resolver} ${name}`,
      );
    case "found": {
      const said = lookup.values.join(", ");
      const differs = own.kind === "found" && !own.values.some((address) => lookup.values.includes(address));
      if (!differs || own.values.every(isLoopback)) return found(about, "pass", said);
      return found(
        about,
        "fail",
        `${resolver} says ${said}, this machine says ${own.values.join(", ")}`,
        `find out which is right, then correct the zone behind ${resolver} or /etc/hosts here`,
      );
    }
    default:
      return cannotTell(about, lookup);
  }
}

function checkReverse(facts: NameFacts, { address, resolver, names }: ReverseFacts): CheckResult {
  const { name, role } = facts;
  const by = resolver === undefined ? "" : ` by ${resolver}`;
  const about = { check: "dns", what: `${address}${by} (${role} ${name})` };
  const who = resolver ?? "this machine";
  const fix = `give ${address} a PTR record of ${name}; exports by host name and Kerberos go by it`;
  switch (names.kind) {
    case "found":
      if (names.values.some((one) => isSameName(one, name))) {
        return found(about, "pass", names.values.join(", "));
      }
      // https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
      return role === "node" && names.values.every((one) => /^ip-\d+-\d+-\d+-\d+\b/.test(one))
        ? found(
          about,
          "info",
          `${names.values.join(", ")}: EC2's own name for it, which is right for a node`,
        )
        : found(about, "warn", `${who} calls it ${names.values.join(", ")}: another host's name`, fix);
    case "none":
      return role === "node"
        ? found(about, "info", `${who} knows no name for it, which is right for a node`)
        : found(about, "warn", `${who} knows no name for it`, fix);
    case "failed":
      return found(about, "warn", `${who} gets ${names.code} for it`, fix);
    case "cut":
      return found(about, "warn", `${who} has no answer for it within ${names.seconds} s`, fix);
    default:
      return cannotTell(about, names);
  }
}

/** Whether a name is one of this machine alone. */
export function isLoopback(address: string): boolean {
  return /^127\./.test(address) || address === "::1";
}

function isSameHost(addresses: readonly string[], expected: string): boolean {
  return !isAddress(expected) || addresses.includes(expected);
}

/** `ctl1` and `ctl1.site.example` are one host; `ctl1.a.example` and `ctl1.b.example` too, as far as a short name goes. */
function isSameName(a: string, b: string): boolean {
  const [one, other] = [a.toLowerCase(), b.toLowerCase()];
  return one === other || one.split(".")[0] === other.split(".")[0];
}
