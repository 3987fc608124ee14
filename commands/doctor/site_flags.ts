import { isAddress } from "../../lib/preflight/machine/name_checks.ts";
import { type Flag, type Flags, UsageError } from "../base/command.ts";
import { readAgainst } from "./machine.ts";
import type { Host } from "../base/host.ts";

/** What these sections take beside what all do. */
export const SITE_FLAGS: readonly Flag[] = [
  {
    name: "resolver",
    value: "ADDRESS",
    repeat: true,
    summary:
      "Ask this DNS server too: the VPC's (its base + 2, 169.254.169.253 on an instance) or a Resolver endpoint",
  },
  {
    name: "against",
    value: "FILE",
    summary: "Compare with the controller: what doctor --json printed there",
  },
  { name: "credential", summary: "Print a fresh munge credential, and nothing else" },
  {
    name: "check-credential",
    value: "FILE",
    summary: "Read such a credential of another machine's, - for standard input: have both one key?",
  },
];

/**
 * Looks at what these flags say before anything is examined.
 * @throws {UsageError} for a resolver that is no address, a file that is none, and two that exclude each other.
 */
export function checkSiteFlags(host: Host, flags: Flags): void {
  const name = flags.all("resolver").find((one) => !isAddress(one));
  if (name !== undefined) {
    throw new UsageError(`Not an address: --resolver "${name}"; e.g. --resolver 10.0.0.2 or 169.254.169.253`);
  }
  if (flags.has("credential") && flags.get("check-credential") !== undefined) {
    throw new UsageError(
      "--credential and --check-credential exclude each other: one makes, the other reads",
    );
  }
  readAgainst(host, flags);
}
