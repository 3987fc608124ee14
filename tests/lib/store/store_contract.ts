import { assertEquals } from "@std/assert";
import type { State } from "../../../lib/controller/state.ts";
import type { EventBody } from "../../../lib/events/event.ts";
import type { Store } from "../../../lib/store/store.ts";
import { EMPTY_STATE, fullState, nodeRecord, withNode } from "./records.ts";

/** A kind of store under test. */
export interface StoreUnderTest {
  readonly name: string;
  /** Runs a test with a fresh store, whose wall clock is `time.wall`. */
  with(test: (store: Store, time: { wall: number }) => void): void | Promise<void>;
}

const MEMORY: NonNullable<State["memory"]> = {
  views: new Map(),
  viewsFrom: new Map(),
  notInSlurm: new Set(),
  looks: new Map(),
  missing: new Map(),
  ended: new Map(),
  parametersAt: new Map(),
  parametersRefused: new Map(),
  addressedAt: new Map(),
  offeredAt: new Map(),
  unaskedEnds: 0,
};

const DAY = 24 * 3600 * 1000;

/** What every store has to do. */
export function storeContract({ name, with: withStore }: StoreUnderTest): void {
  Deno.test(`${name}.load() knows nothing at first`, () =>
    withStore((store) => assertEquals(store.load(), EMPTY_STATE)));

  Deno.test(`${name}.load() is what was committed last, records gone from it included`, () =>
    withStore((store) => {
      const state = fullState();
      store.commit(state, []);
      assertEquals(store.load(), state);
      const next = { ...withNode(state, "c-9"), instances: new Map(), bootFailures: {}, listedAt: undefined };
      store.commit({ ...next, memory: MEMORY }, []);
      assertEquals(store.load(), next);
    }));

  Deno.test(`${name}.history finds events by node, instance and job, newest last`, () =>
    withStore((store, time) => {
      time.wall = 1000;
      store.commit(EMPTY_STATE, [
        { kind: "asked", hook: "resume", nodes: "c-[0-2]", jobs: [7, 8] },
        { kind: "verdict", verdict: "assigned", nodes: "c-1" },
      ]);
      time.wall = 2000;
      store.commit(EMPTY_STATE, [
        { kind: "ended", action: "terminate", instanceIds: ["i-0a", "i-0b"], why: "stop" },
        { kind: "console", node: "c-1", instanceId: "i-0b", tail: "x" },
      ]);
      const kinds = (query: Parameters<Store["history"]["read"]>[0]) =>
        store.history.read(query).map(({ body }) => body.kind);
      const about = (kind: "node" | "instance" | "job", name: string, limit = 10) =>
        kinds({ subject: { kind, name }, limit });
      assertEquals(about("node", "c-1"), ["asked", "verdict", "console"]);
      assertEquals(about("node", "c-1", 2), ["verdict", "console"]);
      assertEquals(about("node", "c-1", 0), []);
      assertEquals(about("node", "c-2"), ["asked"]);
      assertEquals(about("node", "c-3"), []);
      assertEquals(about("instance", "i-0b"), ["ended", "console"]);
      assertEquals(about("job", "8"), ["asked"]);
      assertEquals(about("job", "c-1"), []);
      assertEquals(kinds({ limit: 3 }), ["verdict", "ended", "console"]);
      assertEquals(kinds({ from: 2000, limit: 10 }), ["ended", "console"]);
      assertEquals(kinds({ to: 2000, limit: 10 }), ["asked", "verdict"]);
      assertEquals(kinds({ event: "ended", limit: 10 }), ["ended"]);
      const [first] = store.history.read({ limit: 10 });
      assertEquals([first!.time, first!.run, first!.id], [1000, "run-1", 1]);
      assertEquals(store.history.extent(), { count: 4, oldest: 1000 });
      const after = (id: number, limit = 10) =>
        store.history.after({ id, kinds: ["asked", "ended"], limit }).map((
          event,
        ) => [event.id, event.body.kind]);
      assertEquals(store.history.last(), 4);
      assertEquals(after(0), [[1, "asked"], [3, "ended"]]);
      assertEquals(after(1), [[3, "ended"]]);
      assertEquals(after(0, 1), [[1, "asked"]]);
      assertEquals(after(4), []);
    }));

  Deno.test(`${name}.history knows each lifetime once, with all that was noted of it`, () =>
    withStore((store) => {
      const at = { nodeGroup: "c", instanceType: "c7i.large", availabilityZone: "az1" };
      const lifetime = {
        instanceId: "i-1",
        node: "c-1",
        ...at,
        capacityType: "spot",
        imageId: "ami-1",
        began: 1000,
      };
      const noted = (more: object) => ({ kind: "lifetime", ...lifetime, ...more }) as const;
      store.commit(EMPTY_STATE, [noted({}), noted({ instanceId: "i-0" }), noted({ up: 2000 })]);
      store.commit(EMPTY_STATE, [noted({ up: 2000, ended: 5000, why: "stop" }), noted({ began: 7000 })]);
      const lifetimes = (from: number, to: number) =>
        [...store.history.lifetimes(from, to)].sort((a, b) =>
          a.began - b.began || (a.instanceId < b.instanceId ? -1 : 1)
        );
      const whole = { ...lifetime, up: 2000, ended: 5000 };
      assertEquals(lifetimes(0, 6000), [{ ...lifetime, instanceId: "i-0" }, whole]);
      assertEquals(lifetimes(4999, 5000).map(({ instanceId }) => instanceId), ["i-0", "i-1"]);
      assertEquals(lifetimes(5000, 7000).map(({ instanceId }) => instanceId), ["i-0"]);
      assertEquals(lifetimes(8000, 9000).map(({ began }) => began), [1000, 7000]);
      assertEquals(lifetimes(0, 1000), []);
    }));

  Deno.test(`${name}.prune() drops what is too old or too much, and its index entries`, () =>
    withStore((store, time) => {
      const event = (node: string): EventBody => ({ kind: "verdict", verdict: "assigned", nodes: node });
      for (let day = 1; day <= 5; day++) {
        time.wall = day * DAY;
        store.commit(EMPTY_STATE, [event("c-0"), event(`c-${day}`)]);
      }
      assertEquals(store.prune({ before: 3 * DAY, count: 100, bytes: Infinity }), 4);
      assertEquals(store.history.read({ subject: { kind: "node", name: "c-1" }, limit: 9 }), []);
      assertEquals(store.history.read({ subject: { kind: "node", name: "c-0" }, limit: 9 }).length, 3);
      assertEquals(store.prune({ before: 0, count: 2, bytes: Infinity }), 4);
      assertEquals(store.history.read({ limit: 9 }).map(({ time }) => time), [5 * DAY, 5 * DAY]);
      assertEquals(store.prune({ before: 0, count: 2, bytes: Infinity }), 0);
    }));

  Deno.test(`${name}.commit() keeps events of records that did not change`, () =>
    withStore((store) => {
      const state = fullState();
      store.commit(state, []);
      store.commit(state, [{ kind: "trouble", message: "x" }]);
      store.commit({ ...state, nodes: new Map(state.nodes).set("c-0", nodeRecord("c-0", { jobs: [] })) }, []);
      assertEquals(store.load().nodes.get("c-0")!.jobs, []);
      assertEquals(store.history.read({ limit: 9 }).length, 1);
    }));
}
