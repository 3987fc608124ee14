import type { Instance } from "../aws/instance.ts";
import type { LaunchPlan } from "./launch_plan.ts";

/** What EC2 answered to a launch plan: some instances, or a refusal of the whole call. */
export type Outcome =
  | {
    readonly kind: "launched";
    readonly plan: LaunchPlan;
    readonly clientToken: string;
    readonly instances: readonly Instance[];
  }
  | {
    readonly kind: "refused";
    readonly plan: LaunchPlan;
    readonly clientToken: string;
    readonly refusal: Refusal;
  };

/** Why a launch did not happen, by AWS's code or one of ours. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly requestId?: string;
}
