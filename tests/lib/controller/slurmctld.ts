import type { UpdatedState } from "../../../lib/slurm/scontrol_api.ts";
import type { NodeState } from "../../../lib/slurm/node_state.ts";

/** A node as the small slurmctld has it; times in milliseconds of the world's clock. */
export interface SlurmNode {
  base: "IDLE" | "ALLOCATED" | "DOWN";
  flags: Set<string>;
  since: number;
  nodeAddr: string;
  reason: string;
  bootTime?: number;
  /** Since when its slurmd has not answered. */
  silentSince?: number;
  /** When its DOWN ends by itself. */
  resumeAfter?: number;
  /** Since when a person keeps it DOWN. */
  keptSince?: number;
}

/** What slurmctld finds on the other side of a node's name. */
export interface Machine {
  readonly launchTime: number;
  readonly running: boolean;
  readonly boots: boolean;
}

/** How slurmctld differs between versions and sites; milliseconds. */
export interface SlurmctldSettings {
  readonly resumeTimeout: number;
  readonly suspendTimeout: number;
  /** After which a node that does not answer is set DOWN. */
  readonly slurmdTimeout: number;
  readonly bootMs: number;
  /** 22.05 replaces a reason at ResumeTimeout and knows no ResumeAfter, later ones append to it and do. */
  readonly appendsReason: boolean;
}

/** Milliseconds after which the controller has had a look at every node. */
const LATE = 100_000;

/** A slurmctld that only knows its nodes, with the transitions seen on real ones (22.05, 24.11, 26.05). */
export class Slurmctld {
  readonly nodes = new Map<string, SlurmNode>();
  readonly comments: string[] = [];
  /** Does not answer scontrol, and does nothing. */
  away = false;
  #awayUntil = 0;
  readonly #settings: SlurmctldSettings;
  readonly #hook: (kind: "resume" | "stop" | "resume-fail", nodes: string[]) => void;

  constructor(
    names: readonly string[],
    settings: SlurmctldSettings,
    hook: (kind: "resume" | "stop" | "resume-fail", nodes: string[]) => void,
  ) {
    this.#settings = settings;
    this.#hook = hook;
    for (const name of names) {
      this.nodes.set(name, {
        base: "IDLE",
        flags: new Set(["CLOUD", "POWERED_DOWN"]),
        since: 0,
        nodeAddr: name,
        reason: "",
      });
    }
  }

  is(name: string, ...flags: string[]): boolean {
    return flags.some((flag) => this.nodes.get(name)!.flags.has(flag));
  }

  /** off, awaited, up, going-down or down: for assertions and for choosing what to do next. */
  view(name: string): string {
    const { base } = this.nodes.get(name)!;
    if (this.is(name, "POWERING_DOWN")) return "going-down";
    if (base === "DOWN") return "down";
    if (this.is(name, "POWERING_UP")) return "awaited";
    return this.is(name, "POWERED_DOWN") ? "off" : "up";
  }

  powerUp(names: readonly string[], now: number): void {
    for (const name of names) {
      const node = this.nodes.get(name)!;
      Object.assign(node, {
        base: "ALLOCATED",
        flags: new Set(["CLOUD", "POWERING_UP"]),
        since: now,
        reason: "",
      });
      node.nodeAddr = name;
      delete node.silentSince;
      delete node.resumeAfter;
    }
    this.#hook("resume", [...names]);
  }

  powerDown(names: readonly string[], now: number): void {
    for (const name of names) {
      Object.assign(this.nodes.get(name)!, {
        base: "IDLE",
        flags: new Set(["CLOUD", "POWERING_DOWN"]),
        since: now,
      });
    }
    this.#hook("stop", [...names]);
  }

  /** A second passes. */
  tick(now: number, machinesOf: (name: string) => readonly Machine[]): void {
    if (this.away) {
      this.#awayUntil = now;
      return;
    }
    if (Math.floor(now / 30_000) !== Math.floor((now - 1_000) / 30_000)) this.#resume(now);
    const late: string[] = [];
    for (const [name, node] of this.nodes) {
      const machines = machinesOf(name);
      if (node.flags.has("POWERING_UP")) {
        const registered = node.base !== "DOWN" &&
          machines.find((machine) => this.#registers(node, machine, now));
        if (registered) {
          node.flags.delete("POWERING_UP");
          node.bootTime = now;
          node.since = now;
        } else if (now - node.since > this.#settings.resumeTimeout) late.push(name);
      } else if (node.flags.has("POWERING_DOWN")) {
        if (now - node.since > this.#settings.suspendTimeout) {
          node.flags = new Set(["CLOUD", "POWERED_DOWN"]);
          node.since = now;
        }
      } else if (this.view(name) === "up") this.#listen(node, machines, now);
    }
    for (const name of late) this.#giveUp(this.nodes.get(name)!, now);
    if (late.length > 0) this.#hook("resume-fail", late);
  }

  /** Every 30 s slurmctld looks whose DOWN is over; a person's too, where the end was set before. */
  #resume(now: number): void {
    for (const node of this.nodes.values()) {
      if (node.resumeAfter === undefined || node.resumeAfter > now) continue;
      delete node.resumeAfter;
      if (node.base === "DOWN") node.base = "IDLE";
      // Too soon for anybody to have asked, and kept slurmctld from it.
      if (now - Math.max(node.keptSince ?? now, this.#awayUntil) < LATE) delete node.keptSince;
    }
  }

  /** A person keeps a node that is powered down and idle out of scheduling, and gives it back. */
  keep(name: string, now: number): void {
    Object.assign(this.nodes.get(name)!, { base: "DOWN", reason: "fan broken", keptSince: now });
  }

  release(name: string): void {
    const node = this.nodes.get(name)!;
    delete node.keptSince;
    delete node.resumeAfter;
    if (node.base === "DOWN") Object.assign(node, { base: "IDLE", reason: "" });
  }

  #registers(node: SlurmNode, { running, boots, launchTime }: Machine, now: number): boolean {
    const booted = now - launchTime >= this.#settings.bootMs;
    return running && boots && booted && launchTime >= node.since - 1_000;
  }

  #listen(node: SlurmNode, machines: readonly Machine[], now: number): void {
    if (machines.some(({ running }) => running)) {
      delete node.silentSince;
      return;
    }
    node.silentSince ??= now;
    if (now - node.silentSince <= this.#settings.slurmdTimeout) return;
    node.base = "DOWN";
    node.reason = "Not responding";
    node.since = now;
  }

  #giveUp(node: SlurmNode, now: number): void {
    const said = "ResumeTimeout reached";
    node.reason = node.reason === "" || !this.#settings.appendsReason ? said : `${node.reason} : ${said}`;
    // Where slurmctld replaces a person's reason, nothing shows any more that it was a person's.
    if (node.reason === said) delete node.keptSince;
    node.base = "DOWN";
    node.flags = new Set(["CLOUD", "POWERED_DOWN"]);
    node.since = now;
  }

  /** `scontrol update NodeName=… State=…`. */
  update(name: string, state: UpdatedState, reason: string, now: number, resumeAfter?: number): void {
    const node = this.nodes.get(name)!;
    node.reason = reason;
    if (state === "down") {
      node.base = "DOWN";
      if (resumeAfter === -1) delete node.resumeAfter;
      else if (resumeAfter !== undefined) node.resumeAfter = now + resumeAfter * 1_000;
      if (!node.flags.has("POWERING_UP")) node.since = now;
    } else if (state === "idle") node.base = "IDLE";
    else if (state === "power_down_force") {
      delete node.resumeAfter;
      this.powerDown([name], now);
    }
  }

  show(names: Iterable<string>): NodeState[] {
    return [...names].map((name) => {
      const { base, flags, nodeAddr, reason, bootTime, resumeAfter } = this.nodes.get(name)!;
      return {
        name,
        base,
        flags: new Set(flags),
        nodeAddr,
        nodeHostname: name,
        reason,
        partitions: ["cloud"],
        ...(resumeAfter !== undefined && { resumeAfter: Math.floor(resumeAfter / 1_000) * 1_000 }),
        ...(bootTime !== undefined && { bootTime: Math.floor(bootTime / 1_000) * 1_000 }),
      };
    });
  }
}
