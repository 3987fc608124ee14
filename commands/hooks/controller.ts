import { type CallCounts, countCalls } from "../../lib/aws/call_counter.ts";
import type { Ec2Api } from "../../lib/aws/ec2_api.ts";
import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { CALL_LIMITS, limitCalls } from "../../lib/aws/limit_calls.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Config } from "../../lib/config/model.ts";
import { step } from "../../lib/controller/step.ts";
import { type Perform, performer } from "../../lib/controller_run/perform.ts";
import type { LoopPorts } from "../../lib/controller_run/ports.ts";
import { requestQueue } from "../../lib/controller_run/request_queue.ts";
import { type LaunchFacts, needsFacts } from "../../lib/power_up/launch_facts.ts";
import type { EventSink } from "../../lib/events/event.ts";
import type { ScontrolApi } from "../../lib/slurm/scontrol_api.ts";
import type { Clock } from "../../lib/store/clock.ts";
import { CallLedger } from "../../lib/controller_run/call_ledger.ts";
import { NotedStore } from "../../lib/controller_run/noted_store.ts";
import { openStore } from "../../lib/store/open.ts";
import { Queue } from "../../lib/store/queue.ts";
import type { Host } from "../base/host.ts";
import { priceWatch } from "./price_watch.ts";

/** What of the outside a controller works with. */
export interface ControllerSite {
  readonly host: Host;
  readonly config: Config;
  /** Where the state and the queue are. */
  readonly stateDir: string;
  readonly log: Log;
  readonly events: EventSink;
  readonly scontrol: ScontrolApi;
  /** The configuration while the controller runs; absent: what it was at the start. */
  readonly configNow?: () => Config;
  /** What changes go through while the controller runs; absent: {@link scontrol}. */
  readonly scontrolNow?: () => ScontrolApi;
  /** The machine's uptime in seconds and which start of it that counts from; a command run manually can't know. */
  readonly machine?: { readonly uptime: number; readonly bootId: string };
}

/** What carries actions out, and what it takes. */
export interface Edge {
  readonly perform: Perform;
  /** EC2, for what no action asks. */
  readonly ec2: Pick<Ec2Api, "describeInstanceStatus">;
  readonly types: ReadonlyMap<string, LaunchFacts>;
  /** Calls of AWS so far. */
  readonly counts: CallCounts;
}

/** AWS's clients, each call with a limit, and counted. */
async function connectAws({ host, config }: Pick<ControllerSite, "host" | "config">) {
  const counts: CallCounts = {};
  const throttled: CallCounts = {};
  const [ec2, ssm, types] = await Promise.all([
    host.connect.ec2(config),
    host.connect.ssm(config),
    typesOf(config),
  ]);
  return {
    ec2: limitCalls(countCalls(ec2, counts, throttled), CALL_LIMITS.ec2),
    ssm: limitCalls(countCalls(ssm, counts, throttled), CALL_LIMITS.ssm),
    types,
    counts,
    throttled,
  };
}

/** Loads AWS's clients. `clock` gives {@link Now.clock}. */
export async function connectEdge(
  site: Pick<ControllerSite, "host" | "config" | "scontrol">,
  clock: () => number,
): Promise<Edge> {
  const { ec2, ssm, types, counts } = await connectAws(site);
  const { config, scontrol } = site;
  return { perform: performer({ ec2, ssm, scontrol, config, clock }), ec2, types, counts };
}

/** A controller that is ready to run: its loop's ports, and what goes with them. */
export interface Controller {
  readonly ports: LoopPorts;
  readonly store: NotedStore;
  readonly clock: Clock;
  readonly queue: Queue;
  /** Calls of AWS so far. */
  readonly counts: CallCounts;
}

/**
 * Opens the state and puts the loop's ports together; the caller holds the worker's lock. AWS's clients load while
 * the state is read.
 * @throws {StateRefusedError} when a newer release or another cluster wrote the state
 */
export async function openController(site: ControllerSite): Promise<Controller> {
  const { host, config, stateDir, log, machine } = site;
  const clients = connectAws(site);
  // A refused state is thrown first.
  clients.catch(() => {});
  const opened = openStore({
    dir: stateDir,
    cluster: config.cluster,
    run: crypto.randomUUID(),
    machine: {
      uptime: machine === undefined ? undefined : machine.uptime * 1000,
      bootId: machine?.bootId,
      wall: host.now(),
    },
    elapsed: () => performance.now(),
    wall: host.now,
    say: (sentence) => log.warn(sentence),
  });
  const { ec2, ssm, types, counts, throttled } = await clients;
  const { clock } = opened;
  const store = new NotedStore(opened.store, new CallLedger(counts, throttled, () => performance.now()));
  const queue = new Queue(stateDir);
  return {
    store,
    clock,
    queue,
    counts,
    ports: {
      step,
      perform: performer({
        ec2,
        ssm,
        get scontrol() {
          return site.scontrolNow?.() ?? site.scontrol;
        },
        get config() {
          return site.configNow?.() ?? config;
        },
        clock: () => clock.now().clock,
      }),
      store,
      queue: requestQueue(stateDir, queue, clock, (sentence) => log.error(sentence)),
      config,
      types,
      prices: priceWatch(host.files, stateDir, log),
      now: () => clock.now(),
      sleep: host.sleep,
      random: Math.random,
      newToken: () => crypto.randomUUID(),
      log,
      events: site.events,
    },
  };
}

/** What launches have to know of instance types, where a group wants to know it: the table is large. */
async function typesOf({ nodeGroups }: Config): Promise<ReadonlyMap<string, LaunchFacts>> {
  return nodeGroups.some(needsFacts) ? await snapshotInstanceTypes() : new Map();
}
