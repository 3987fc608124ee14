import type { InstanceRecord, State } from "./state.ts";
import { Table } from "./table.ts";

/** Instances by the node that they are. */
type ByNode = ReadonlyMap<string, readonly InstanceRecord[]>;

const NONE: readonly InstanceRecord[] = [];

/** The index that belongs to each map of instances: the next step begins with the map that this one ended with. */
const INDEXES = new WeakMap<State["instances"], ByNode>();

/** Instances by id and by node. */
export class InstanceTable extends Table<string, InstanceRecord> {
  #byNode: ByNode | undefined;
  /** {@link #byNode} once it is this table's own: that of another step is copied before it is changed. */
  #own: Map<string, readonly InstanceRecord[]> | undefined;

  /** Puts an instance in, in place of what was known of it. */
  put(instance: InstanceRecord): void {
    const { id, node } = instance;
    this.#index();
    this.set(id, instance);
    if (node === undefined) return;
    const index = this.#ownIndex();
    const own = index.get(node) ?? NONE;
    const isKnown = own.some((known) => known.id === id);
    index.set(node, isKnown ? own.map((known) => known.id === id ? instance : known) : [...own, instance]);
  }

  /** Forgets an instance. */
  drop(id: string): void {
    this.#index();
    const node = this.get(id)?.node;
    this.delete(id);
    if (node !== undefined) {
      this.#ownIndex().set(node, this.of(node).filter((known) => known.id !== id));
    }
  }

  /** Everything that is known of a node's instances, those that are being ended too. */
  of(node: string): readonly InstanceRecord[] {
    return this.#index().get(node) ?? NONE;
  }

  /** The instances as they are now, with their index kept for the next step. */
  finish(): ReadonlyMap<string, InstanceRecord> {
    if (this.#byNode !== undefined) INDEXES.set(this.map, this.#byNode);
    return this.map;
  }

  #index(): ByNode {
    if (this.#byNode !== undefined) return this.#byNode;
    const known = INDEXES.get(this.map);
    if (known !== undefined) return this.#byNode = known;
    const byNode = new Map<string, readonly InstanceRecord[]>();
    for (const instance of this.map.values()) {
      if (instance.node === undefined) continue;
      const own = byNode.get(instance.node);
      byNode.set(instance.node, own === undefined ? [instance] : [...own, instance]);
    }
    return this.#byNode = this.#own = byNode;
  }

  #ownIndex(): Map<string, readonly InstanceRecord[]> {
    if (this.#own === undefined) this.#byNode = this.#own = new Map(this.#index());
    return this.#own;
  }
}

/** The order in which everyone, at any time, decides between two instances of one node. */
export function isOlder(a: InstanceRecord, b: InstanceRecord): boolean {
  return a.launchTime === b.launchTime ? a.id < b.id : a.launchTime < b.launchTime;
}
