import type { Instance } from "../aws/instance.ts";
import type { Parameter } from "../aws/ssm_api.ts";
import type { Log } from "../base/log.ts";
import type { BootFailures } from "./boot_failures.ts";
import { type Intent, parseIntent } from "./intent.ts";
import { StateDir } from "./state_dir.ts";

/** Which instance each node last had: hints only, always read back from EC2 and checked by tag. */
export interface Hints {
  /** False when hints may be missing: only a listing of the cluster then finds every instance. */
  readonly complete: boolean;
  readonly instanceIds: Readonly<Record<string, string>>;
}

/** A node whose instance could not be ended: what was to be done, and when (milliseconds since 1970 UTC). */
export interface Unended {
  readonly action: "terminate" | "stop";
  readonly since: number;
}

/** Nodes whose instances could not be ended. */
export type UnendedNodes = Readonly<Record<string, Unended>>;

/** Nodes set down for a while: until when, milliseconds since 1970 UTC. */
export type Cooldowns = Readonly<Record<string, number>>;

const NO_HINTS: Hints = { complete: false, instanceIds: {} };

/** The state directory belongs to another cluster: its hooks and ours would undo each other's work. */
export class ForeignStateError extends Error {
  override readonly name = "ForeignStateError";
}

/**
 * What one hook knows of other hooks, past and present. Everything here may be lost at any time: EC2's tags are
 * the truth, this only saves calls and tells a crashed hook's launches from no launches.
 */
export class HookState {
  readonly #dir: StateDir;
  readonly #path: string;
  readonly #cluster: string;
  readonly #id = crypto.randomUUID();
  #held: Deno.FsFile | undefined;

  constructor(path: string, cluster: string, log: Log) {
    this.#dir = new StateDir(path, log);
    this.#path = path;
    this.#cluster = cluster;
  }

  /** Whether anything written is still expected to last. */
  get usable(): boolean {
    return this.#dir.usable;
  }

  /** @throws {ForeignStateError} when another cluster uses the directory */
  async open(): Promise<void> {
    if (!await this.#dir.open(["intents", "hooks"])) return;
    const owner = await this.#dir.readJson("cluster.json");
    if (owner === undefined) await this.#dir.writeJson("cluster.json", this.#cluster);
    else if (owner !== this.#cluster) {
      this.#dir.abandon();
      throw new ForeignStateError(
        `State directory ${this.#path} belongs to cluster "${owner}", not "${this.#cluster}": give each cluster a stateDir of its own`,
      );
    }
  }

  /** Claims nodes for this hook's life; nodes that another living hook works on are taken. */
  async claim(nodes: readonly string[]): Promise<{ readonly claimed: string[]; readonly taken: string[] }> {
    return await this.#dir.locked(async () => {
      const others = new Set<string>();
      for (const name of await this.#dir.list("hooks")) {
        if (await this.#dir.isHeld(`hooks/${name}`)) {
          for (const node of stringList(await this.#dir.readJson(`hooks/${name}`))) others.add(node);
        } else await this.#dir.remove(`hooks/${name}`);
      }
      const claimed = nodes.filter((node) => !others.has(node));
      this.#held = await this.#dir.holdFile(`hooks/${this.#id}.json`, claimed);
      return { claimed, taken: nodes.filter((node) => others.has(node)) };
    });
  }

  /** Intents that no living hook is working on: left over from hooks that were killed. */
  async orphanedIntents(): Promise<Intent[]> {
    const orphaned: Intent[] = [];
    for (const name of await this.#dir.list("intents")) {
      const file = `intents/${name}`;
      const intent = parseIntent(await this.#dir.readJson(file));
      if (intent === undefined || intent.cluster !== this.#cluster) await this.#dir.remove(file);
      else if (await this.#dir.isHeld(`hooks/${intent.hook}.json`)) continue;
      // A hook that ends removes its intents before it lets go: what is still there now, a dead one has left.
      else if (parseIntent(await this.#dir.readJson(file)) !== undefined) orphaned.push(intent);
    }
    return orphaned;
  }

  /** Written to the disk before the launch is sent. */
  async saveIntent(intent: Omit<Intent, "version" | "hook" | "cluster">): Promise<void> {
    const whole: Intent = { version: 1, hook: this.#id, cluster: this.#cluster, ...intent };
    await this.#dir.writeJson(`intents/${intent.input.ClientToken}.json`, whole, { sync: true });
  }

  async removeIntents(clientTokens: readonly string[]): Promise<void> {
    await Promise.all(clientTokens.map((token) => this.#dir.remove(`intents/${token}.json`)));
  }

  async hints(): Promise<Hints> {
    const value = await this.#dir.readJson("hints.json");
    return isRecord(value) && isRecord(value.instanceIds) ? value as unknown as Hints : NO_HINTS;
  }

  async updateHints(change: (hints: Hints) => Hints): Promise<void> {
    // Without the lock another hook's hints may be lost in between: they count as not whole.
    await this.#update("hints.json", () => this.hints(), (hints, held) => {
      const changed = change(hints);
      return held ? changed : { ...changed, complete: false };
    });
  }

  async cooldowns(): Promise<Cooldowns> {
    return numbers(await this.#dir.readJson("cooldowns.json"));
  }

  async updateCooldowns(change: (cooldowns: Cooldowns) => Cooldowns): Promise<void> {
    await this.#update("cooldowns.json", () => this.cooldowns(), change);
  }

  async unended(): Promise<UnendedNodes> {
    const value = await this.#dir.readJson("unended.json");
    if (!isRecord(value)) return {};
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, Unended] => isUnended(entry[1])),
    );
  }

  async updateUnended(change: (unended: UnendedNodes) => UnendedNodes): Promise<void> {
    await this.#update("unended.json", () => this.unended(), change);
  }

  async bootFailures(): Promise<BootFailures> {
    return numbers(await this.#dir.readJson("boot_failures.json"));
  }

  async updateBootFailures(change: (counts: BootFailures) => BootFailures): Promise<void> {
    await this.#update("boot_failures.json", () => this.bootFailures(), change);
  }

  /** Values that SSM last answered, for when it does not. */
  async lastParameters(): Promise<ReadonlyMap<string, Parameter>> {
    const value = await this.#dir.readJson("parameters.json");
    if (!Array.isArray(value)) return new Map();
    const whole = value.filter((p): p is Parameter =>
      isRecord(p) && typeof p.name === "string" && typeof p.value === "string"
    );
    return new Map(whole.map((parameter) => [parameter.name, parameter]));
  }

  async saveParameters(parameters: ReadonlyMap<string, Parameter>): Promise<void> {
    const last = await this.lastParameters();
    const changed = [...parameters.values()].some(({ name, value }) => last.get(name)?.value !== value);
    if (changed) {
      await this.#dir.writeJson("parameters.json", [...new Map([...last, ...parameters]).values()]);
    }
  }

  /** Gives the claims back. */
  async close(): Promise<void> {
    const held = this.#held !== undefined;
    this[Symbol.dispose]();
    if (held) await this.#dir.remove(`hooks/${this.#id}.json`);
  }

  /** Lets go of the claims' lock as the death of the process does: the file stays and names a dead hook. */
  [Symbol.dispose](): void {
    this.#held?.close();
    this.#held = undefined;
  }

  async #update<T>(
    name: string,
    read: () => Promise<T>,
    change: (value: T, held: boolean) => T,
  ): Promise<void> {
    await this.#dir.locked(async (held) => {
      const before = await read();
      const after = change(before, held);
      if (after === before) return;
      // What can't be written any more must not be believed: absent, it is found out anew.
      if (!await this.#dir.writeJson(name, after)) await this.#dir.remove(name);
    });
  }
}

/** Hints after some nodes got instances and some instances ended. */
export function changedHints(
  hints: Hints,
  change: {
    readonly added?: readonly { readonly nodeName: string; readonly instance: Instance }[];
    readonly endedNodes?: readonly string[];
  },
): Hints {
  const instanceIds = { ...hints.instanceIds };
  for (const node of change.endedNodes ?? []) delete instanceIds[node];
  for (const { nodeName, instance } of change.added ?? []) instanceIds[nodeName] = instance.instanceId;
  return { ...hints, instanceIds };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isUnended(value: unknown): value is Unended {
  return isRecord(value) && typeof value.since === "number" &&
    (value.action === "terminate" || value.action === "stop");
}

function numbers(value: unknown): Record<string, number> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}

function stringList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
