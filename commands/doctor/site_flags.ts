import { UsageError } from "../base/command.ts";
import type { Host } from "../base/host.ts";
import type { SectionFlags } from "./flags.ts";
import { readAgainst } from "./machine.ts";

/**
 * Looks at what these flags say before anything is examined.
 * @throws {UsageError} for a file that holds no facts, and for two that exclude each other.
 */
export function checkSiteFlags(host: Host, flags: SectionFlags): void {
  if (flags.has("credential") && flags.get("check-credential") !== undefined) {
    throw new UsageError(
      "--credential and --check-credential exclude each other: one makes, the other reads",
    );
  }
  readAgainst(host, flags);
}
