import type { JobView } from "./job_view.ts";
import type { NodeState } from "./node_state.ts";
import { type NodeAddress, type ScontrolApi, ScontrolError, type UpdatedState } from "./scontrol_api.ts";

/** A slurmctld that only knows its nodes' states, with the transitions seen on real ones. */
export class InMemoryScontrol implements ScontrolApi {
  readonly nodes = new Map<string, { base: string; flags: Set<string>; nodeAddr: string; reason: string }>();
  readonly comments = new Map<number, string>();
  /** What was written to terminals, by job. */
  readonly notified = new Map<number, string>();
  /** What `showJob` answers, by what it is asked for. */
  readonly jobs = new Map<string, readonly JobView[]>();
  readonly calls: string[] = [];
  /** Names that slurmctld does not know: it refuses a call that has one. */
  readonly unknown = new Set<string>();

  constructor(names: Iterable<string>) {
    for (const name of names) {
      this.nodes.set(name, {
        base: "IDLE",
        flags: new Set(["CLOUD", "POWERED_DOWN"]),
        nodeAddr: name,
        reason: "",
      });
    }
  }

  /** What slurmctld does before it calls ResumeProgram. */
  requestPowerUp(names: Iterable<string>): void {
    for (const name of names) {
      const node = this.nodes.get(name)!;
      node.flags = new Set(["CLOUD", "POWERING_UP"]);
      node.base = "ALLOCATED";
      node.reason = "";
    }
  }

  /** What slurmctld does before it calls SuspendProgram. */
  requestPowerDown(names: Iterable<string>): void {
    for (const name of names) {
      const node = this.nodes.get(name)!;
      node.flags = new Set(["CLOUD", "POWERING_DOWN"]);
      node.base = "IDLE";
    }
  }

  updateAddresses(addresses: readonly NodeAddress[]): Promise<void> {
    return this.#call("updateAddresses", addresses.map(({ nodeName }) => nodeName), () => {
      for (const { nodeName, nodeAddr } of addresses) this.nodes.get(nodeName)!.nodeAddr = nodeAddr;
    });
  }

  updateState(
    names: readonly string[],
    state: UpdatedState,
    reason?: string,
    resumeAfter?: number,
  ): Promise<void> {
    const after = resumeAfter === undefined ? "" : ` ResumeAfter=${resumeAfter}`;
    return this.#call(`updateState ${state}${after}`, names, () => {
      for (const name of names) {
        const node = this.nodes.get(name)!;
        if (reason !== undefined) node.reason = reason;
        if (state === "down") node.base = "DOWN";
        if (state === "idle") node.base = "IDLE";
        if (state === "power_down_force") {
          node.base = "IDLE";
          node.flags = new Set(["CLOUD", "POWER_DOWN"]);
        }
      }
    });
  }

  showNodes(names?: readonly string[]): Promise<readonly NodeState[]> {
    return this.#call("showNodes", names ?? [], () =>
      [...names ?? this.nodes.keys()].map((name) => ({
        name,
        ...this.nodes.get(name)!,
        nodeHostname: name,
        partitions: ["cloud"],
      })));
  }

  showConfig(): Promise<ReadonlyMap<string, string>> {
    return this.#call(
      "showConfig",
      [],
      () => new Map([["ResumeTimeout", "600 sec"], ["SuspendTimeout", "60 sec"]]),
    );
  }

  showPartitions(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    return this.#call(
      "showPartitions",
      [],
      () => new Map([["cloud", new Map([["ResumeTimeout", "GLOBAL"]])]]),
    );
  }

  showJob(job: string): Promise<readonly JobView[]> {
    const found = this.jobs.get(job);
    if (found === undefined) {
      return Promise.reject(new ScontrolError("refused", "slurm_load_jobs error: Invalid job id specified"));
    }
    return this.#call("showJob", [], () => found);
  }

  updateJobComment(jobIds: readonly number[], adminComment: string): Promise<void> {
    return this.#call("updateJobComment", [], () => {
      for (const jobId of jobIds) this.comments.set(jobId, adminComment);
    });
  }

  notifyTerminal(jobId: number, message: string): Promise<void> {
    return this.#call("notifyTerminal", [], () => {
      this.notified.set(jobId, message);
    });
  }

  #call<T>(what: string, names: readonly string[], run: () => T): Promise<T> {
    this.calls.push(what);
    const bad = names.find((name) => this.unknown.has(name) || !this.nodes.has(name));
    if (bad !== undefined) {
      return Promise.reject(new ScontrolError("refused", `Invalid node name specified: ${bad}`));
    }
    return Promise.resolve(run());
  }
}
