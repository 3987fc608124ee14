import { AwsError } from "../../aws/aws_error.ts";
import type { Ec2Api, Filter, RunInstancesInput } from "../../aws/ec2_api.ts";
import { classOfError, isNotFound, isOutcomeUnknown } from "../../aws/error_codes.ts";
import type { Instance, InstanceState } from "../../aws/instance.ts";
import { collectPages } from "../../aws/paginate.ts";
import { type Patience, patiently } from "../../aws/patiently.ts";
import { errorText } from "../../base/error_text.ts";
import type { Isolated } from "../../base/isolate.ts";
import { terminateInstances } from "../../cluster/end_instances.ts";
import { TagKey, TEST_LAUNCH_NAMINGS } from "../../identity/tags.ts";
import { nameOnConsole } from "./console_name.ts";

/** What a test launch needs of the outside. */
export interface TestLaunchPorts extends Omit<Patience, "deadline" | "sleep"> {
  readonly ec2: Ec2Api;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Called at every step, for a person who waits. */
  readonly say: (message: string) => void;
  /** Aborted when the person has had enough: what was launched is ended all the same. */
  readonly interrupted: AbortSignal;
}

/** What is launched, and how far it is looked at. */
export interface TestLaunchPlan {
  readonly cluster: string;
  readonly request: RunInstancesInput;
  /** Whether to stop and start the instances as well. */
  readonly stopAndStart: boolean;
  /** Milliseconds for which the consoles are waited for. */
  readonly consoleMs: number;
}

/** Something that went wrong, as AWS or we put it. */
export interface TestLaunchTrouble {
  readonly code?: string;
  readonly message: string;
}

/** Instances as they were seen one after another. */
export interface TestLaunchFacts {
  /** As RunInstances answered; absent: it was refused. */
  readonly launched?: readonly Instance[];
  readonly refusal?: TestLaunchTrouble;
  /** As DescribeInstances showed them once they ran, or had died. */
  readonly described?: readonly Instance[];
  /** The consoles' text by instance id, as far as they had any. */
  readonly consoles: ReadonlyMap<string, string>;
  /** Why the consoles could not be read. */
  readonly consoleTrouble?: TestLaunchTrouble;
  /** As DescribeInstances showed them while stopped. */
  readonly stopped?: readonly Instance[];
  /** As DescribeInstances showed them once they ran again. */
  readonly restarted?: readonly Instance[];
  /** What ended the look before its end. */
  readonly trouble?: TestLaunchTrouble;
  /** Ids that TerminateInstances was called for, and those that it could not end. */
  readonly ended: readonly string[];
  readonly unended: readonly (TestLaunchTrouble & { readonly instanceId: string })[];
}

/** Milliseconds between looks at EC2: one call a look, of a bucket that gets 20 tokens a second. */
const LOOK_EVERY = 5_000;
/** Milliseconds until an instance must run, or be stopped: EC2 takes seconds, and bare metal some minutes. */
const STATE_MS = 600_000;
/** Milliseconds for which a launch without an answer is looked for: new instances show late. */
const VISIBLE_MS = 60_000;
/** Milliseconds for which ending what was launched is tried again. */
const END_MS = 120_000;

/**
 * Launches, looks, and ends what it launched whatever happens in between: an error, an interrupt, a launch of which
 * no answer came. Only a killed process leaves instances; {@link findTestLaunches} finds them by their tag.
 */
export async function runTestLaunch(ports: TestLaunchPorts, plan: TestLaunchPlan): Promise<TestLaunchFacts> {
  const seen = new Look(ports, plan);
  try {
    await seen.launch();
    if (seen.facts.launched !== undefined) await seen.look();
  } catch (error) {
    seen.facts.trouble = ports.interrupted.aborted ? { message: "interrupted" } : troubleOf(error);
  }
  const { launched, refusal } = seen.facts;
  const isUnknown = launched === undefined && refusal?.code !== undefined && isOutcomeUnknown(refusal.code);
  return { ...seen.facts, ...await endAll(ports, plan, { known: seen.ids(), isUnknown }) };
}

/** What was seen so far; the step that fails leaves what went before. */
class Look {
  readonly facts:
    & { -readonly [K in keyof Omit<TestLaunchFacts, "ended" | "unended">]: TestLaunchFacts[K] }
    & {
      consoles: Map<string, string>;
    } = { consoles: new Map() };
  readonly #ports: TestLaunchPorts;
  readonly #plan: TestLaunchPlan;

  constructor(ports: TestLaunchPorts, plan: TestLaunchPlan) {
    this.#ports = ports;
    this.#plan = plan;
  }

  ids(): readonly string[] {
    return (this.facts.launched ?? []).map(({ instanceId }) => instanceId);
  }

  async launch(): Promise<void> {
    const { request } = this.#plan;
    try {
      this.facts.launched = await this.#ask(() => this.#ports.ec2.runInstances(request));
      this.#ports.say(`launched ${this.ids().join(", ")}`);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.facts.refusal = troubleOf(error);
      if (!isOutcomeUnknown(error.code)) return;
      throw error;
    }
  }

  async look(): Promise<void> {
    this.facts.described = await this.#until("running");
    await this.#readConsoles();
    if (!this.#plan.stopAndStart) return;
    const InstanceIds = this.facts.described.filter(({ state }) => state === "running")
      .map(({ instanceId }) => instanceId);
    if (InstanceIds.length === 0) return;
    await this.#ask(() => this.#ports.ec2.stopInstances({ InstanceIds }));
    this.#ports.say(`stopping ${InstanceIds.join(", ")}`);
    this.facts.stopped = await this.#until("stopped", InstanceIds);
    await this.#ask(() => this.#ports.ec2.startInstances({ InstanceIds }));
    this.#ports.say(`starting ${InstanceIds.join(", ")}`);
    this.facts.restarted = await this.#until("running", InstanceIds);
  }

  /** The instances once all are in a state, or gone; as they are when the time is up. */
  async #until(state: InstanceState, ids = this.ids()): Promise<readonly Instance[]> {
    const end = this.#ports.now() + STATE_MS;
    for (;;) {
      const found = await this.#describe(ids);
      const isDone = found.length === ids.length &&
        found.every((one) =>
          one.state === state || one.state === "terminated" || one.state === "shutting-down"
        );
      if (isDone || this.#ports.now() >= end) return found;
      await this.#pause();
    }
  }

  #describe(ids: readonly string[]): Promise<readonly Instance[]> {
    // By filter: a new id that EC2 does not show yet fails a call that names it.
    const Filters = [{ Name: "instance-id", Values: ids }];
    return collectPages((NextToken) =>
      this.#ask(() =>
        this.#ports.ec2.describeInstances({
          Filters,
          MaxResults: 100,
          ...(NextToken !== undefined && { NextToken }),
        })
      )
    );
  }

  async #readConsoles(): Promise<void> {
    const end = this.#ports.now() + this.#plan.consoleMs;
    const alive = (this.facts.described ?? []).filter(({ state }) => state === "running");
    if (alive.length > 0) this.#ports.say(`waiting for the consoles, up to ${this.#plan.consoleMs / 1000} s`);
    for (;;) {
      for (const { instanceId } of alive) {
        const output = await this.#console(instanceId);
        if (output === undefined) return;
        if (output !== "") this.facts.consoles.set(instanceId, output);
      }
      const isDone = alive.every(({ instanceId }) =>
        nameOnConsole(this.facts.consoles.get(instanceId)) !== undefined
      );
      if (isDone || this.#ports.now() >= end) return;
      await this.#pause();
    }
  }

  /** Undefined once EC2 has refused: a console is not a reason to look at nothing else. */
  async #console(instanceId: string): Promise<string | undefined> {
    const read = async (Latest: boolean) =>
      (await this.#ask(() => this.#ports.ec2.getConsoleOutput({ InstanceId: instanceId, Latest }))).output;
    try {
      // Only Nitro instances have a latest output:
      // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html
      return await read(true).catch((error) => {
        if (error instanceof AwsError && classOfError(error) === "request") return read(false);
        throw error;
      });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.facts.consoleTrouble = troubleOf(error);
      return undefined;
    }
  }

  #pause(): Promise<void> {
    return this.#ports.sleep(LOOK_EVERY, this.#ports.interrupted);
  }

  #ask<T>(call: () => Promise<T>): Promise<T> {
    const { interrupted } = this.#ports;
    interrupted.throwIfAborted();
    const patience = {
      ...this.#ports,
      sleep: (milliseconds: number) => this.#ports.sleep(milliseconds, interrupted),
      deadline: this.#ports.now() + END_MS,
    };
    return patiently(patience, call);
  }
}

/** Ends all that carries the launch's token, known by its answer or not, and is not stopped by an interrupt. */
async function endAll(
  ports: TestLaunchPorts,
  { cluster, request }: TestLaunchPlan,
  { known, isUnknown }: { readonly known: readonly string[]; readonly isUnknown: boolean },
): Promise<Pick<TestLaunchFacts, "ended" | "unended">> {
  const patience = {
    ...ports,
    sleep: (milliseconds: number) => ports.sleep(milliseconds),
    deadline: ports.now() + END_MS,
  };
  let found: readonly string[] = [];
  let blind: AwsError | undefined;
  try {
    const until = ports.now() + (isUnknown ? VISIBLE_MS : 0);
    for (;;) {
      const instances = await findTestLaunches(ports.ec2, cluster, patience);
      found = instances.filter(({ clientToken }) => clientToken === request.ClientToken)
        .map(({ instanceId }) => instanceId);
      if (found.length > 0 || ports.now() >= until) break;
      await patience.sleep(LOOK_EVERY);
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    blind = error;
  }
  const ids = [...new Set([...known, ...found])];
  if (ids.length === 0) {
    return { ended: [], unended: blind ? [{ instanceId: "unknown", ...troubleOf(blind) }] : [] };
  }
  let failures = await terminateInstances(ports.ec2, ids, patience);
  // A new instance may still be invisible to the call that ends it:
  // https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
  while (failures.some(isInvisible) && ports.now() < patience.deadline) {
    await patience.sleep(LOOK_EVERY);
    failures = await terminateInstances(ports.ec2, failures.map(({ item }) => item), patience);
  }
  const failed = new Set(failures.map(({ item }) => item));
  const ended = ids.filter((id) => !failed.has(id));
  if (ended.length > 0) ports.say(`terminated ${ended.join(", ")}`);
  return { ended, unended: failures.map(({ item, error }) => ({ instanceId: item, ...troubleOf(error) })) };
}

function isInvisible({ error }: Isolated<string>): boolean {
  return error instanceof AwsError && isNotFound(error.code);
}

/** States in which an instance costs money, or will. */
const ALIVE: readonly InstanceState[] = ["pending", "running", "stopping", "stopped"];

/** The cluster's instances of test launches that have not ended: those of one under way, and those of a killed one. */
export async function findTestLaunches(
  ec2: Pick<Ec2Api, "describeInstances">,
  cluster: string,
  patience: Patience,
): Promise<readonly Instance[]> {
  const Filters: readonly Filter[] = [
    { Name: `tag:${TagKey.Cluster}`, Values: [cluster] },
    { Name: `tag:${TagKey.Naming}`, Values: TEST_LAUNCH_NAMINGS },
    { Name: "instance-state-name", Values: ALIVE },
  ];
  return await collectPages((NextToken) =>
    patiently(
      patience,
      () =>
        ec2.describeInstances({ Filters, MaxResults: 100, ...(NextToken !== undefined && { NextToken }) }),
    )
  );
}

function troubleOf(error: unknown): TestLaunchTrouble {
  return error instanceof AwsError
    ? { code: error.code, message: error.message }
    : { message: errorText(error) };
}
