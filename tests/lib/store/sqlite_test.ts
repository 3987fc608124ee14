import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { fullState, nodeRecord } from "./records.ts";
import { withSite } from "./site.ts";
import { storeContract } from "./store_contract.ts";

storeContract({
  name: "SqliteStore",
  with: (test) => withSite(({ open, time }) => test(open().store, time)),
});

Deno.test("SqliteStore keeps state and history for the next worker", () =>
  withSite(({ open, said }) => {
    const one = open().store;
    one.commit(fullState(), [{ kind: "trouble", message: "x" }]);
    one.close();
    const two = open().store;
    assertEquals(two.load(), fullState());
    assertEquals(two.history.read({ limit: 9 }).map(({ body }) => body.kind), ["trouble"]);
    assertEquals(said, []);
  }));

Deno.test("SqliteStore.commit() writes only records that are other objects", () =>
  withSite(({ dir, open }) => {
    const { store } = open();
    const state = fullState();
    store.commit(state, []);
    const other = new DatabaseSync(`${dir}/state.db`);
    const mark = (key: string) =>
      other.prepare("UPDATE nodes SET record = '\"seen\"' WHERE key = ?").run(key);
    mark("c-0");
    mark("c-1");
    store.commit({ ...state, nodes: new Map(state.nodes).set("c-1", nodeRecord("c-1")) }, []);
    const record = (key: string) => other.prepare("SELECT record FROM nodes WHERE key = ?").get(key)!.record;
    assertEquals(record("c-0"), '"seen"');
    assertEquals(JSON.parse(String(record("c-1"))), nodeRecord("c-1"));
    other.close();
  }));

Deno.test("SqliteStore.commit() keeps nothing of a transaction that fails", () =>
  withSite(({ dir, open, said }) => {
    const { store } = open();
    store.commit(fullState(), []);
    const other = new DatabaseSync(`${dir}/state.db`);
    other.exec("CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT raise(ABORT, 'no room'); END");
    const next = { ...fullState(), lastGeneration: 99 };
    store.commit(next, [{ kind: "trouble", message: "x" }]);
    assertEquals(other.prepare("SELECT value FROM meta WHERE key = 'lastGeneration'").get()!.value, "2");
    other.close();
    assertEquals([store.kept, store.load().lastGeneration, said.length], [false, 99, 1]);
  }));
