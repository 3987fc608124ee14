import type { Ec2Api } from "../aws/ec2_api.ts";
import type { Patience } from "../aws/patiently.ts";
import type { Log } from "../base/log.ts";
import type { EventSink } from "../events/event.ts";
import type { ScontrolApi } from "../slurm/scontrol_api.ts";
import type { HookState } from "./hook_state.ts";

/** What every hook needs of the outside; its deadline is when the last verdict must be given. */
export interface HookPorts extends Patience {
  readonly ec2: Ec2Api;
  readonly scontrol: ScontrolApi;
  readonly state: HookState;
  readonly log: Log;
  readonly events: EventSink;
  /** How long a node stays down when its pool is exhausted, seconds. */
  readonly cooldown: number;
  /** slurmctld's ResumeTimeout, seconds. */
  readonly resumeTimeout: number;
}
