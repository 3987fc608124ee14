import { AwsError } from "../../lib/aws/aws_error.ts";
import { errorText } from "../../lib/base/error_text.ts";
import { distinctParameterNames } from "../../lib/cluster/ssm_parameters.ts";
import type { Config } from "../../lib/config/model.ts";
import type { Action } from "../../lib/controller/action.ts";
import { type Drift, drift, type Reading } from "../../lib/controller/drift.ts";
import type { Fact } from "../../lib/controller/fact.ts";
import { EMPTY_STATE } from "../../lib/controller/state.ts";
import type { Perform } from "../../lib/controller_run/perform.ts";
import { readHealth } from "../../lib/controller_run/read_health.ts";
import { connectEdge, type ControllerSite } from "./controller.ts";
import { readStored } from "./show_plan.ts";

/** A comparison, and what the controller is to know of what was read for it. */
export interface Look {
  readonly drift: Drift;
  readonly facts: readonly Fact[];
  /** Why EC2's status checks and planned events are not part of it. */
  readonly healthUnread?: string;
}

/** Reads EC2 and Slurm whole, and compares them. */
export async function lookAtDrift(
  site: ControllerSite,
  { force, usdPerHour }: { readonly force: boolean } & Required<Pick<Reading, "usdPerHour">>,
): Promise<Look> {
  const { host, config } = site;
  const { state, now } = readStored(host, site);
  const edge = await connectEdge(site, now);
  const [listing, slurm, settings] = await Promise.all([
    ask(edge.perform, { kind: "list" }),
    ask(edge.perform, { kind: "ask-slurm" }),
    readSettings(edge.perform, config),
  ]);
  const listed = listing?.kind === "listed" ? listing.instances : undefined;
  const health = await readHealth(edge.ec2, edge.counts.DescribeInstances ?? 0)
    .catch((error) => error instanceof AwsError ? errorText(error) : Promise.reject(error));
  const reading = {
    state,
    config,
    now: { clock: now(), wall: host.now() },
    listed,
    nodes: slurm?.kind === "slurm" ? slurm.nodes : undefined,
    ...(typeof health !== "string" && { health }),
    ...(settings !== undefined && { parameters: settings.values }),
    usdPerHour,
  };
  return {
    drift: drift(reading, { force }),
    facts: settings === undefined ? [] : [settings],
    ...(typeof health === "string" && { healthUnread: health }),
  };
}

async function ask(perform: Perform, action: Action): Promise<Fact | undefined> {
  const { facts } = await perform(action, EMPTY_STATE);
  return facts[0];
}

/** What SSM says by now of groups whose instances are stopped: one of another image is of no use any more. */
async function readSettings(perform: Perform, config: Config) {
  const groups = config.nodeGroups.filter(({ powerDownAction }) => powerDownAction === "stop");
  const names = distinctParameterNames(config, groups);
  if (names.length === 0) return undefined;
  const fact = await ask(perform, { kind: "read-parameters", names });
  return fact?.kind === "parameters" ? fact : undefined;
}
