import type { AwsError } from "../../lib/aws/aws_error.ts";
import type { Config } from "../../lib/config/model.ts";
import type { CheckResult } from "../../lib/preflight/check_result.ts";
import type { Host } from "../base/host.ts";
import type { SectionFlags } from "./flags.ts";
import type { MachineView } from "./machine.ts";

/** What a section of doctor works with. */
export interface Examination {
  readonly host: Host;
  readonly flags: SectionFlags;
  readonly config: Config;
  /** The file that the configuration was read from. */
  readonly configFile: string;
  /** Where doctor runs: on the controller, or on a node (`--node`). */
  readonly where: Where;
  /** When what AWS has not answered by then is given up, milliseconds since 1970 UTC: one limit for all sections. */
  readonly until: number;
  /** What is known of each service that was asked, by its name; shared by all sections. */
  readonly services: Map<string, ServiceState>;
  /** This machine and its slurmctld, looked at when it is first asked for, and once. */
  readonly viewMachine: () => Promise<MachineView>;
}

/** What is known of an AWS service. */
export interface ServiceState {
  /** Settled once the first call has ended: until then nobody else asks, since the service may not be there. */
  readonly asked: Promise<void>;
  /** What the service failed with if it could not be reached: no section waits for it again. */
  unreachable?: AwsError;
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
  examine(examination: Examination): Promise<readonly CheckResult[]>;
}
