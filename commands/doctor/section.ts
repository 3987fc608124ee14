import type { Config } from "../../lib/config/model.ts";
import type { Finding } from "../../lib/preflight/finding.ts";
import type { Host } from "../base/host.ts";
import type { SectionFlags } from "./flags.ts";

/** What a section of doctor works with. */
export interface Examination {
  readonly host: Host;
  readonly flags: SectionFlags;
  readonly config: Config;
  /** The file that the configuration was read from. */
  readonly configFile: string;
  /** Where doctor runs: on the controller, or on a node (`--node`). */
  readonly where: Where;
}

/** Machines that doctor examines from. */
export type Where = "controller" | "node";

/** Checks that belong together. What can't be asked becomes a finding of status `can't tell`: a section never throws. */
export interface DoctorSection {
  /** As `--only` takes it, e.g. `dns`. */
  readonly name: string;
  /** What it checks, in a few words. */
  readonly summary: string;
  /** Where it can be asked. */
  readonly where: readonly Where[];
  examine(examination: Examination): Promise<readonly Finding[]>;
}
