import type { UpdatedState } from "../slurm/scontrol_api.ts";
import type { FailureVerdict } from "./verdict.ts";

/** How a verdict is given to slurmctld, and what slurmctld makes of it. */
export interface VerdictStep {
  /** What `scontrol update NodeName=… State=…` is given. */
  readonly state: UpdatedState;
  /** Compact states (sinfo's `%t`) that the node passes through, in order; those of one tick may go unseen. */
  readonly shows: readonly string[];
  /** Whether slurmctld calls SuspendProgram for the node, which ends an instance that there may be. */
  readonly suspends: boolean;
}

/**
 * The verdicts on nodes in POWERING_UP, the same on every version that was looked at. Evidence: the table is what
 * tests/e2e/failures_node_test.ts sees on a real slurmctld of each version (`SLURM_EC2_E2E_VERSIONS`).
 *
 * | verdict        | `state=`           | job on the node     | 22.05.8, 24.11.5, 26.05.5                | SuspendProgram |
 * | -------------- | ------------------ | ------------------- | ---------------------------------------- | -------------- |
 * | `down`         | `down`             | requeued, BeginTime | `down#`, stays until `given-back`        | not called     |
 * | `given-back`   | `power_down_force` | –                   | `down!`, `idle%`, `idle~` (schedulable)  | called         |
 * | `powered-down` | `power_down_force` | requeued, BeginTime | `idle!`, `idle%`, `idle~` (schedulable)  | called         |
 *
 * The other states that scontrol(1) offers do not do: `power_down` and `power_down_asap` leave the node in
 * POWERING_UP until ResumeTimeout, `resume` is refused, `undrain` changes nothing (seen on the same versions).
 */
export const VERDICT_SEQUENCE: Readonly<Record<FailureVerdict["kind"] | "given-back", VerdictStep>> = {
  "down": { state: "down", shows: ["down#"], suspends: false },
  "given-back": { state: "power_down_force", shows: ["down!", "idle%", "idle~"], suspends: true },
  "powered-down": { state: "power_down_force", shows: ["idle!", "idle%", "idle~"], suspends: true },
};
