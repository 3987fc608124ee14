import { EMPTY_STATE, type RequestKind, type State } from "../../lib/controller/state.ts";
import type { Fact } from "../../lib/controller/fact.ts";
import { step } from "../../lib/controller/step.ts";
import { dryRun } from "../../lib/controller_run/dry_run.ts";
import { planLines } from "../../lib/controller_run/plan_lines.ts";
import { requestFact } from "../../lib/controller_run/request_queue.ts";
import type { Charged } from "../../lib/capacity/day_cost.ts";
import { DEFAULT_TIMEOUTS, type SlurmTimeouts } from "../../lib/cluster/slurm_timeouts.ts";
import type { Config } from "../../lib/config/model.ts";
import { foldHostlist } from "../../lib/slurm/hostlist.ts";
import { readState } from "../base/state_reader.ts";
import { newRequestName } from "../../lib/store/request_file.ts";
import { CommandError } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { connectEdge, type ControllerSite } from "./controller.ts";
import { type Asked, endedSince, forecastNodes, sortNodes, subnetsOf } from "./forecast.ts";
import { outputOf, type PlanOutput } from "./forecast_output.ts";
import { forecastText } from "./forecast_text.ts";
import { priceWatch } from "./price_watch.ts";
import { readSlurmSettings } from "./slurm_settings.ts";

/** A request that is only planned. */
export interface PlannedRequest {
  readonly kind: RequestKind;
  readonly nodes: readonly string[];
  readonly resumeFile: string | undefined;
}

/** The stored state and its clock, only read; a controller that has never run knows nothing. */
export function readStored(
  host: Host,
  { config, stateDir }: ControllerSite,
): { state: State; now: () => number } {
  const { value, why } = readState({ stateDir, cluster: config.cluster }, (reader) => {
    const anchor = reader.anchor();
    const offset = anchor === undefined ? 0 : anchor.clock - anchor.wall;
    return { state: reader.state(), now: () => host.now() + offset };
  });
  if (why !== undefined) throw new CommandError(why);
  return value ?? { state: EMPTY_STATE, now: () => performance.now() };
}

/** Shows what a request would lead to, together with all else that is due; changes nothing. */
export async function showPlan(
  host: Host,
  flags: { has(name: "json"): boolean },
  site: ControllerSite,
  { kind, nodes, resumeFile }: PlannedRequest,
): Promise<ExitCode> {
  const { config, scontrol, log } = site;
  const started = host.now();
  const { state, now } = readStored(host, site);
  const edge = await connectEdge(site, now);
  const { timeouts } = await readSlurmSettings(scontrol, config, log);
  const hostlist = foldHostlist(nodes);
  const queued = {
    id: newRequestName(kind),
    kind,
    uptime: undefined,
    bootId: undefined,
    hostlist,
    resumeFile,
  };
  const facts: Fact[] = [
    ...(timeouts === undefined ? [] : [{ kind: "timeouts", timeouts } as const]),
    requestFact(queued, { at: now }, (sentence) => host.stderr.write(`slurm-ec2: ${sentence}\n`)),
  ];
  const plan = await dryRun(
    {
      step,
      perform: edge.perform,
      config,
      types: edge.types,
      prices: priceWatch(host.files, site.stateDir, log),
      now: () => ({ clock: now(), wall: host.now() }),
      newToken: () => crypto.randomUUID(),
    },
    state,
    facts,
  );
  const lines = planLines(plan.actions, plan.state);
  const forecast = kind === "resume"
    ? await forecastOf(host, site, nodes, { state, clock: now(), timeouts })
    : undefined;
  if (flags.has("json")) {
    const { counts: calls } = edge;
    const seconds = (host.now() - started) / 1000;
    const output = {
      ...{ nodes: {}, details: {}, calls, troubles: plan.refusals, seconds, plan: lines },
      ...(forecast !== undefined && { forecast }),
    };
    host.stdout.write(`${JSON.stringify(output)}\n`);
  } else {
    const said = lines.length === 0 ? ["Nothing would be changed."] : lines.map((line) => `Would ${line}`);
    host.stdout.write(`${said.join("\n")}\n`);
    if (forecast !== undefined) host.stdout.write(`\n${forecastText(forecast)}`);
    for (const refusal of plan.refusals) host.stderr.write(`slurm-ec2: ${refusal}\n`);
  }
  return plan.refusals.length === 0 ? ExitCode.Done : ExitCode.Partly;
}

/** What `slurm-ec2 plan` says of the nodes that are to be powered up. */
async function forecastOf(
  host: Host,
  { config, stateDir, log }: ControllerSite,
  nodes: readonly string[],
  { state, clock, timeouts = DEFAULT_TIMEOUTS }: {
    readonly state: State;
    readonly clock: number;
    readonly timeouts: SlurmTimeouts | undefined;
  },
): Promise<PlanOutput | undefined> {
  const wall = host.now();
  const asked: Asked = {
    config,
    state,
    prices: priceWatch(host.files, stateDir, log)(),
    ended: endedIn(stateDir, config, wall),
    timeouts,
    now: { clock, wall },
    subnets: [],
  };
  const { wanted, served } = sortNodes(nodes, asked);
  if (wanted.length === 0) return undefined;
  const subnets = await subnetsOf(host, config, wanted, (sentence) => log.warn(sentence));
  return outputOf(forecastNodes(wanted, { ...asked, subnets }), served);
}

function endedIn(stateDir: string, { cluster }: Config, wall: number): readonly Charged[] {
  return readState({ stateDir, cluster }, ({ history }) => endedSince(history, wall)).value ?? [];
}
