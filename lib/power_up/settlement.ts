import { errorClass } from "../aws/error_codes.ts";
import type { Instance } from "../aws/instance.ts";
import { errorText } from "../base/error_text.ts";
import { terminateInstances } from "../cluster/end_instances.ts";
import { changedHints, ForeignStateError } from "../cluster/hook_state.ts";
import type { HookPorts } from "../cluster/ports.ts";
import type { NodeInstance } from "../cluster/tend.ts";
import { troubleLines } from "../cluster/troubles.ts";
import { type FailureVerdict, failureVerdict } from "../cluster/verdict.ts";
import type { ResumeJob } from "../slurm/resume_file.ts";
import type { Shortfall } from "./assign.ts";
import { attempt } from "./attempt.ts";
import { findDead } from "./births.ts";
import type { Refusal } from "./outcome.ts";
import { tellSlurm } from "./tell.ts";

/** What became of one node. */
export type NodeVerdict =
  | { readonly kind: "assigned"; readonly instanceId: string; readonly nodeAddr: string }
  | FailureVerdict
  /** Another hook, still running, is powering it up and will give its verdict. */
  | { readonly kind: "claimed" }
  | { readonly kind: "not-ours" };

/** What a power-up has brought so far, and how it ends: a verdict for every node, told to Slurm. */
export class Settlement {
  readonly verdicts = new Map<string, NodeVerdict>();
  readonly troubles: string[] = [];
  readonly assigned: NodeInstance[] = [];
  readonly shortfall: Shortfall[] = [];
  /** Instances that are nobody's node. */
  readonly surplus: Instance[] = [];
  /** Launched by this hook. */
  readonly newborn: NodeInstance[] = [];
  /** Intents whose outcome is known; removed once Slurm has been told. */
  readonly settledTokens: string[] = [];
  readonly #ports: HookPorts;
  readonly #birthCheck: number;

  /** @param birthCheck Seconds after a launch at which its instances are looked at; 0: they are not. */
  constructor(ports: HookPorts, birthCheck: number) {
    this.#ports = ports;
    this.#birthCheck = birthCheck;
  }

  /** None of these nodes gets an instance. */
  shortAll(nodes: readonly string[], refusal: Refusal): void {
    for (const nodeName of nodes) this.shortfall.push({ nodeName, refusal });
  }

  /** Something of ours failed: nodes that have no verdict by now get this one, and the fault is told. */
  giveUp(nodes: readonly string[], error: unknown): void {
    const decided = new Set([...this.assigned, ...this.shortfall].map(({ nodeName }) => nodeName));
    const rest = nodes.filter((node) => !decided.has(node) && !this.verdicts.has(node));
    const foreign = error instanceof ForeignStateError;
    this.shortAll(rest, {
      code: foreign ? "StateDirOfOtherCluster" : "InternalFault",
      message: errorText(error),
    });
    if (!foreign) {
      this.troubles.push(`Internal fault, please report it: ${error instanceof Error ? error.stack : error}`);
    }
  }

  /**
   * An instance can die while pending, after RunInstances has answered: its node gets its verdict now instead
   * of at ResumeTimeout.
   * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
   */
  async watchBirths(jobs: readonly ResumeJob[]): Promise<void> {
    const wait = this.#birthCheck * 1000;
    if (wait === 0 || this.newborn.length === 0 || this.#ports.now() + wait > this.#ports.deadline) return;
    await this.#ports.sleep(wait);
    const dead = await attempt(() => findDead(this.#ports, this.newborn));
    if (dead.kind === "refused" || dead.value.length === 0) return;
    this.shortfall.splice(0, Infinity, ...dead.value);
    this.assigned.length = 0;
    const gone = dead.value.map(({ nodeName }) => nodeName);
    await this.#ports.state.updateHints((hints) => changedHints(hints, { endedNodes: gone }));
    await this.finish(jobs);
  }

  /** Tells Slurm addresses and verdicts, ends what is surplus, and forgets what is settled. */
  async finish(jobs: readonly ResumeJob[]): Promise<void> {
    const failures = new Map<string, FailureVerdict>();
    for (const { nodeName, refusal } of this.shortfall) {
      const clock = { now: this.#ports.now(), cooldown: this.#ports.cooldown };
      failures.set(nodeName, failureVerdict(refusal, errorClass(refusal.code), clock));
    }
    for (const { nodeName, instance } of this.assigned) {
      const { instanceId, privateIpAddress: nodeAddr = "" } = instance;
      this.verdicts.set(nodeName, { kind: "assigned", instanceId, nodeAddr });
    }
    for (const [nodeName, verdict] of failures) this.verdicts.set(nodeName, verdict);
    await this.#remember(failures);
    const [told] = await Promise.all([
      tellSlurm(this.#ports, { assigned: this.assigned, failures, jobs }),
      this.endSurplus(),
    ]);
    this.troubles.push(...told);
    await this.#ports.state.removeIntents(this.troubles.length === 0 ? this.settledTokens : []);
  }

  /** Before Slurm is told: a hook that dies in between must leave what the next one needs. */
  async #remember(failures: ReadonlyMap<string, FailureVerdict>): Promise<void> {
    if (this.assigned.length > 0) {
      await this.#ports.state.updateHints((hints) => changedHints(hints, { added: this.assigned }));
    }
    const cooldowns = [...failures].flatMap(([node, verdict]) =>
      verdict.kind === "down" ? [[node, verdict.until] as const] : []
    );
    if (cooldowns.length > 0) {
      await this.#ports.state.updateCooldowns((before) => ({ ...before, ...Object.fromEntries(cooldowns) }));
    }
  }

  /** Ends what is nobody's node; what could not be ended is told. */
  async endSurplus(): Promise<void> {
    const ids = this.surplus.splice(0).map(({ instanceId }) => instanceId);
    if (ids.length === 0) return;
    this.#ports.events({ kind: "ended", action: "terminate", instanceIds: ids, why: "nobody's node" });
    const unended = (await terminateInstances(this.#ports.ec2, ids, this.#ports)).map(({ item, error }) => ({
      name: item,
      error,
    }));
    this.troubles.push(
      ...troubleLines(
        unended,
        (names, error) =>
          `Instances ${names} are nobody's nodes and still run: ${error}; terminate them by hand`,
      ),
    );
  }
}
