import { AwsError } from "../aws/aws_error.ts";
import type { Ec2Api } from "../aws/ec2_api.ts";
import { isOutcomeUnknown } from "../aws/error_codes.ts";
import type { SsmApi } from "../aws/ssm_api.ts";
import { errorText } from "../base/error_text.ts";
import { readParameters } from "../cluster/read_parameters.ts";
import { slurmTimeouts } from "../cluster/slurm_timeouts.ts";
import type { Config } from "../config/model.ts";
import type { Action } from "../controller/action.ts";
import type { Fact } from "../controller/fact.ts";
import type { State } from "../controller/state.ts";
import { bootTail } from "../cluster/boot_console.ts";
import type { ScontrolApi } from "../slurm/scontrol_api.ts";
import { ACTION_WORDS } from "./action_words.ts";
import { endOrStart } from "./end_or_start.ts";
import { type Performed, refusalOf, whyOf } from "./performed.ts";
import { informJobs } from "./inform_jobs.ts";
import { describeById, listByState, listByTag, lookUpToken, readSubnets } from "./read_instances.ts";
import { askNodes, reportAddresses, setState } from "./slurm_actions.ts";
import { subjectsOf } from "./subjects.ts";

/** Carries an action out; `clock` gives {@link Now.clock} for when a question was asked. It never throws. */
export type Perform = (action: Action, state: State) => Promise<Performed>;

/** What performing needs of the outside; each call of it has a time limit of its own. */
export interface PerformPorts {
  readonly ec2: Pick<
    Ec2Api,
    | "runInstances"
    | "describeInstances"
    | "describeSubnets"
    | "startInstances"
    | "stopInstances"
    | "terminateInstances"
    | "getConsoleOutput"
  >;
  readonly ssm: Pick<SsmApi, "getParameters">;
  readonly scontrol: ScontrolApi;
  readonly config: Config;
  /** Milliseconds, as {@link Now.clock}. */
  readonly clock: () => number;
}

/** The edge of the controller: an action in, facts out. AWS's and slurmctld's refusals are facts, and so is a fault of ours. */
export function performer(ports: PerformPorts): Perform {
  return async (action, state) => {
    const began = ports.clock();
    try {
      return await perform(ports, action, state, began);
    } catch (error) {
      return refusedWhole(action, error, began);
    }
  };
}

async function perform(ports: PerformPorts, action: Action, state: State, began: number): Promise<Performed> {
  const { ec2, ssm, scontrol, config } = ports;
  switch (action.kind) {
    case "run-instances": {
      const launch = state.launches.get(action.token);
      // Closed by a fact that came in between: nothing is left to launch.
      if (launch === undefined) return done();
      const instances = await ec2.runInstances(launch.input);
      return done({ kind: "launched", token: action.token, instances });
    }
    case "look-up-token": {
      const instances = await lookUpToken(ec2, action.token);
      return done({ kind: "token-looked-up", token: action.token, began, instances });
    }
    case "describe":
      return done({
        kind: "described",
        began,
        ids: action.ids,
        instances: await describeById(ec2, action.ids),
      });
    case "list":
      return done({ kind: "listed", began, instances: await listByTag(ec2, config.cluster) });
    case "list-ended":
      return done({
        kind: "listed-ended",
        began,
        instances: await listByState(ec2, config.cluster, action.states),
      });
    case "start":
      return await endOrStart(ec2, "start", action.ids);
    case "end":
      return await endOrStart(ec2, action.action, action.ids);
    case "keep-console": {
      const { output } = await ec2.getConsoleOutput({ InstanceId: action.id });
      const { lines, failure, steps } = bootTail(output);
      return done({
        kind: "console-kept",
        node: action.node,
        id: action.id,
        tail: lines,
        ...(failure !== undefined && { failure }),
        ...(steps !== undefined && { steps }),
      });
    }
    case "read-parameters":
      return done({
        kind: "parameters",
        names: action.names,
        values: await readParameters(ssm, action.names),
      });
    case "read-subnets":
      return done({
        kind: "subnets",
        ids: action.ids,
        subnets: await readSubnets(ec2, action.ids),
      });
    case "read-timeouts": {
      const [global, partitions] = await Promise.all([scontrol.showConfig(), scontrol.showPartitions()]);
      return done({ kind: "timeouts", timeouts: slurmTimeouts(config, global, partitions) });
    }
    case "ask-slurm":
      return await askNodes(scontrol, action.nodes, began);
    case "report-addresses":
      return await reportAddresses(scontrol, action.addresses);
    case "set-state":
      return await setState(scontrol, action, ports.clock);
    case "comment":
      return await informJobs(scontrol, action);
  }
}

function done(...facts: readonly Fact[]): Performed {
  return { facts, refusals: [] };
}

/** The whole action was refused, or failed. */
function refusedWhole(action: Action, error: unknown, began: number): Performed {
  const refused = {
    subjects: subjectsOf(action),
    why: whyOf(error),
    message: action.kind === "keep-console"
      ? `No console output of ${action.node} (${action.id}): ${errorText(error)}`
      : `${ACTION_WORDS[action.kind]} failed: ${errorText(error)}`,
  };
  return { facts: refusalFacts(action, error, began), refusals: [refused] };
}

function refusalFacts(action: Action, error: unknown, began: number): readonly Fact[] {
  const refusal = refusalOf(error);
  switch (action.kind) {
    case "run-instances": {
      // A fault of ours may have come after the request was sent.
      const unanswered = !(error instanceof AwsError) || isOutcomeUnknown(error.code);
      return [{ kind: "launch-refused", token: action.token, refusal, unanswered }];
    }
    case "list":
    case "list-ended":
    case "describe":
    case "look-up-token":
      return [{ kind: "reading-refused", began, refusal }];
    case "read-parameters":
      return [{ kind: "parameters-refused", names: action.names, refusal }];
    case "read-subnets":
      return [{ kind: "subnets-refused", ids: action.ids, refusal }];
    case "keep-console":
      return [{ kind: "console-kept", node: action.node, id: action.id }];
    default:
      return [];
  }
}
